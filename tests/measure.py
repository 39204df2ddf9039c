"""The figures of docs/measurements.md: .venv/bin/python -m tests.measure, with `make env` set.

Each is measured against what a user would pick instead, in the same run, and printed as a ratio.
"""

import io
import json
import subprocess
import tarfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from operations import docker_stack
from operations.down import down
from tests import previews
from tests.e2e.stack import Stack, output_of, temporary_stack
from tests.timing import ratio, timed

# Who waits for whom, as `starts_after` says; what one wave holds starts at once.
WAVES = (
    {"backend", "alertmanager-gateway"},
    {"frontend"},
    {"frontend-exporter"},
)


def main() -> None:
    with temporary_stack("e2e-measure") as stack:
        print(f"up, cold caches of the engine: {timed(lambda: _up(stack)):.1f} s (not compared)")
        previews.measure("preview of dev, nothing to change", stack.workspace, deployed=True)
        _memory(stack)
        recorded = _record(stack)
        ours, theirs = [], []
        for _ in range(3):
            down(stack.workspace, purge=True)
            theirs.append(timed(lambda: _by_hand(recorded)))
            _remove(recorded)
            stack.workspace.prepare()
            ours.append(timed(lambda: _up(stack)))
        ratio("up from nothing to all healthy", ours, "docker command line", theirs)
        down(stack.workspace, purge=True)


def _up(stack: Stack) -> None:
    result = stack.up()
    assert result.returncode == 0, output_of(result)


def _memory(stack: Stack) -> None:
    time.sleep(30)  # at rest: after the first scrapes
    used = stack.memory()
    print(f"memory at rest, {len(used)} containers: {sum(used.values()):.0f} MiB")


def _record(stack: Stack) -> list[dict[str, Any]]:
    """What the engine runs, with the files that were uploaded into each container."""
    recorded = []
    for each in docker_stack.containers(stack.name):
        inspected = json.loads(docker_stack.docker("inspect", each.name))[0]
        paths = [line[2:] for line in docker_stack.docker("diff", each.name).splitlines()]
        files = [path for path in paths if path.startswith(("/run/secrets/", "/etc/", "/docker-"))]
        recorded.append({"inspect": inspected, "files": _copied(each.name, files)})
    return recorded


def _copied(container: str, paths: Iterable[str]) -> bytes:
    """A tar with the files among these paths."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as whole:
        for path in paths:
            one = subprocess.run(
                ["docker", "cp", f"{container}:{path}", "-"], capture_output=True, check=True
            ).stdout
            with tarfile.open(fileobj=io.BytesIO(one)) as read:
                member = read.getmembers()[0]
                if member.isfile():
                    content = read.extractfile(member)
                    member.name = path.lstrip("/")
                    whole.addfile(member, content)
    return packed.getvalue()


def _by_hand(recorded: list[dict[str, Any]]) -> None:
    """The same networks, volumes and containers by the docker command line, in the same order."""
    networks = {name for each in recorded for name in _networks(each)}
    for name in networks:
        internal = [] if name.endswith("-edge") else ["--internal"]
        docker_stack.docker("network", "create", *internal, name)
    for name in {mount["Name"] for each in recorded for mount in _mounts(each)}:
        docker_stack.docker("volume", "create", name)
    late = set().union(*WAVES)
    first = [each for each in recorded if _workload(each) not in late]
    waves = [first, *([e for e in recorded if _workload(e) in wave] for wave in WAVES)]
    with ThreadPoolExecutor(8) as pool:
        for wave in waves:
            list(pool.map(_start, wave))


def _start(each: dict[str, Any]) -> None:
    inspected = each["inspect"]
    name, config, host = inspected["Name"][1:], inspected["Config"], inspected["HostConfig"]
    check = config.get("Healthcheck")
    first, *others = _networks(each).items()
    options = ["--name", name, "--user", config["User"], "--network", first[0]]
    options += [f"--network-alias={alias}" for alias in first[1]]
    options += [f"--env={variable}" for variable in config["Env"]]
    options += [f"--volume={mount['Name']}:{mount['Destination']}" for mount in _mounts(each)]
    options += [f"--tmpfs={path}:{how}" for path, how in (host.get("Tmpfs") or {}).items()]
    options += [f"--memory={host['Memory']}", f"--memory-swap={host['MemorySwap']}"]
    options += ["--cap-drop=ALL", "--security-opt=no-new-privileges:true"]
    options += [f"--cpus={host['NanoCpus'] / 1e9}", "--restart=unless-stopped"]
    for inner, outer in (host.get("PortBindings") or {}).items():
        options += ["--publish", f"127.0.0.1:{outer[0]['HostPort']}:{inner.split('/')[0]}"]
    if check:
        question = " ".join(_quoted(word) for word in check["Test"][1:])
        options += ["--health-cmd", question, f"--health-interval={check['Interval']}ns"]
        options += [
            f"--health-timeout={check['Timeout']}ns",
            f"--health-retries={check['Retries']}",
        ]
        options += [f"--health-start-period={check['StartPeriod']}ns"]
    docker_stack.docker("create", *options, inspected["Image"], *(config["Cmd"] or []))
    for network, aliases in others:
        extra = [word for alias in aliases for word in ("--alias", alias)]
        docker_stack.docker("network", "connect", *extra, network, name)
    subprocess.run(["docker", "cp", "-", f"{name}:/"], input=each["files"], check=True)
    docker_stack.docker("start", name)
    state = "{{.State.Health.Status}}"
    while check and docker_stack.docker("inspect", "-f", state, name).strip() != "healthy":
        time.sleep(0.2)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _remove(recorded: list[dict[str, Any]]) -> None:
    docker_stack.docker("rm", "--force", *(each["inspect"]["Name"][1:] for each in recorded))
    docker_stack.docker("network", "rm", *{name for each in recorded for name in _networks(each)})
    docker_stack.docker("volume", "rm", *{m["Name"] for each in recorded for m in _mounts(each)})


def _workload(each: dict[str, Any]) -> str:
    """The container's name without project and stack."""
    name: str = each["inspect"]["Config"]["Hostname"]
    return name


def _networks(each: dict[str, Any]) -> dict[str, list[str]]:
    networks = each["inspect"]["NetworkSettings"]["Networks"]
    own = each["inspect"]["Id"][:12]
    return {
        name: [alias for alias in network["Aliases"] or [] if alias != own]
        for name, network in networks.items()
    }


def _mounts(each: dict[str, Any]) -> list[dict[str, Any]]:
    return [mount for mount in each["inspect"]["Mounts"] if mount["Type"] == "volume"]


if __name__ == "__main__":
    main()
