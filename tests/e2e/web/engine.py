"""The gateway and the page on the real engine, in front of small services.

The variables `WEB_BASE`, `WEB_EXPORTER` and `WEB_PYTHON` set other images for nginx, for its
exporter and for those services.
"""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx2

from components.settings import OWN
from components.workload import Workload
from tests.unit.describing import tiers

PAGE = Path(__file__).parents[3] / "images" / "web"
BASE = os.environ.get("WEB_BASE", "ai-platform/nginx:debian12")
EXPORTER = os.environ.get("WEB_EXPORTER", "ai-platform/nginx-exporter:debian12")
PYTHON = os.environ.get("WEB_PYTHON", "ai-platform/python:3.11-debian12")
UPSTREAM = Path(__file__).parent / "upstream.py"

# Where the gateway itself answers.
HEALTH = f"{OWN}/health"
LABEL = "ai-platform.test=web"
NAME = "ai-platform-test-web"
IMAGE = f"{NAME}:e2e"
# As the platform runs containers on Kubernetes, which is the stricter target.
STRICT = (
    *("--read-only", "--tmpfs", "/tmp:mode=1777", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges", "--network", NAME),
)


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0 or not check, f"docker {arguments}: {result.stderr}"
    return result


def remove_all() -> None:
    """Remove all containers and networks of these tests, including those of an earlier run."""
    for kind, listing, removal in (
        ("container", ("ls", "--all"), ("rm", "--force", "--volumes")),
        ("network", ("ls",), ("rm",)),
    ):
        objects = docker(kind, *listing, "--quiet", "--filter", f"label={LABEL}").stdout.split()
        if objects:
            docker(kind, *removal, *objects)


def run(name: str, *arguments: str) -> str:
    """Start a container of this test; return its name."""
    docker("run", "--detach", "--label", LABEL, "--name", f"{NAME}-{name}", *arguments)
    return f"{NAME}-{name}"


def run_page(name: str, *options: str) -> str:
    return run(
        name,
        *(*STRICT, "--volume", "/var/run/web", "--publish", "127.0.0.1::8080"),
        *(*options, IMAGE),
    )


def described(settings: Mapping[str, Any]) -> Workload:
    """The gateway that the web tier describes for these settings."""
    gateway = tiers(settings)[3].parts[-1]
    assert isinstance(gateway, Workload)
    return gateway


def run_exporter(name: str, gateway: str) -> str:
    """Start the exporter beside this gateway."""
    (exporter,) = described({}).sidecars
    variables = (f"--env={name}={value}" for name, value in exporter.env.items())
    return run(
        name,
        *(*STRICT, *variables, "--user", str(exporter.image.identity)),
        *("--volumes-from", f"{gateway}:ro", "--publish", "127.0.0.1::9113", EXPORTER),
        *exporter.command,
    )


def run_gateway(name: str, settings: Mapping[str, Any] | None = None, *options: str) -> str:
    """Start the gateway of these settings."""
    gateway = described(settings or {})
    directory = Path(mkdtemp(prefix=NAME))
    directory.chmod(0o755)
    mounts: list[str] = []
    for number, file in enumerate(gateway.files):
        path = directory / str(number)
        path.write_text(
            file.content.fill({one.name: one.value or "" for one in file.content.secrets})
        )
        path.chmod(0o444)
        mounts += ["--volume", f"{path}:{file.path}:ro"]
    variables = (f"--env={name}={value}" for name, value in gateway.env.items())
    entrypoint, *arguments = gateway.entrypoint
    return run(
        name,
        *(*STRICT, *mounts, *variables, "--user", str(gateway.image.identity)),
        *("--stop-signal", gateway.image.stop_signal, "--volume", gateway.shared[0].path),
        *("--publish", "127.0.0.1::8080", "--publish", "127.0.0.1::8443"),
        *(*options, "--entrypoint", entrypoint, BASE, *arguments),
    )


def run_service(name: str, alias: str, port: int = 8000) -> str:
    """Start a small service, which the gateway reaches under this alias."""
    return run(
        name,
        *("--network", NAME, "--network-alias", alias, "--hostname", name),
        *("--volume", f"{UPSTREAM}:/upstream.py:ro", PYTHON, "python3", "/upstream.py", str(port)),
    )


def remove(container: str) -> None:
    docker("rm", "--force", "--volumes", container)


def url(container: str, port: int = 8080) -> str:
    published = docker("port", container, str(port)).stdout.split()[0]
    return f"{'https' if port == 8443 else 'http'}://{published}"


def wait_for(url: str, status: int, seconds: float, **options: Any) -> httpx2.Response:
    """The first answer with this status."""
    end = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < end:
        try:
            response = httpx2.get(url, timeout=5, verify=False, **options)
            if response.status_code == status:
                return response
            last = response.status_code
        except httpx2.TransportError as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"{url}: no {status} within {seconds} s, but {last}")


def at_once(url: str, headers: Mapping[str, str] | None = None) -> list[httpx2.Response]:
    """The answers to 20 requests that are sent together."""
    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(lambda _: httpx2.get(url, headers=headers, timeout=10), range(20)))


def access_log(container: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in docker("logs", container).stdout.splitlines()]
