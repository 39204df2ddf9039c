"""The web image on the real engine, in front of a small backend.

The variables `WEB_BASE` and `WEB_PYTHON` set other images for the base and for that backend.
"""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2

WEB = Path(__file__).parents[3] / "images" / "web"
BASE = os.environ.get("WEB_BASE", "ai-platform/nginx:debian12")
PYTHON = os.environ.get("WEB_PYTHON", "ai-platform/python:3.11-debian12")

LABEL = "ai-platform.test=web-image"
NAME = "ai-platform-test-web"
IMAGE = f"{NAME}:e2e"

# Answers with its host name and the headers of the request; /api/slow takes 2 s.
BACKEND = """
import http.server, json, socket, time
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/api/slow":
            time.sleep(2)
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = {"host": socket.gethostname(), "path": self.path, "headers": headers}
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-ID", "the-backend-s-own")
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = answer
http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""


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


def run_web(name: str, *options: str) -> str:
    """Start the web image as the platform runs it on Kubernetes, which is the stricter target."""
    return run(
        name,
        *("--read-only", "--tmpfs", "/tmp:mode=1777", "--volume", "/var/run/web"),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", NAME),
        *("--publish", "127.0.0.1::8080", "--publish", "127.0.0.1::8443", *options, IMAGE),
    )


def run_backend(name: str, *options: str) -> str:
    return run(
        name, "--network", NAME, "--hostname", name, *options, PYTHON, "python3", "-c", BACKEND
    )


def url(container: str, port: int = 8080) -> str:
    published = docker("port", container, str(port)).stdout.split()[0]
    return f"{'https' if port == 8443 else 'http'}://{published}"


def wait_for(url: str, status: int, seconds: float) -> httpx2.Response:
    """The first answer with this status."""
    end = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < end:
        try:
            response = httpx2.get(url, timeout=5, verify=False)
            if response.status_code == status:
                return response
            last = response.status_code
        except httpx2.TransportError as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"{url}: no {status} within {seconds} s, but {last}")


def access_log(container: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in docker("logs", container).stdout.splitlines()]
