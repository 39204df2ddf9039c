"""The figures of docs/measurements.md: .venv/bin/python -m tests.measure, after `make env`.

Each run also measures what a user would choose instead, and prints the ratio.
"""

import io
import json
import subprocess
import tarfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from components.catalogue import Catalogue
from components.settings import Settings
from operations import docker_stack
from operations.purge import purge
from tests import previews
from tests.e2e.stack import Stack, output_of, settings, temporary_stack
from tests.timing import ratio, timed

# The order of `starts_after`; the containers of one wave start at the same time.
WAVES = (
    {"backend", "prometheus-gateway", "alertmanager-gateway", "frontend-exporter"},
    {"gateway"},
    {"gateway-exporter", "prober"},
)


def main() -> None:
    with temporary_stack("e2e-measure") as stack:
        print(f"up, cold caches of the engine: {timed(lambda: _up(stack)):.1f} s (not compared)")
        previews.measure("preview of dev, nothing to change", stack.workspace, deployed=True)
        _memory(stack)
        records = _record(stack)
        ours, theirs = [], []
        for _ in range(3):
            purge(stack.workspace, confirmed=stack.workspace.stack)
            theirs.append(timed(lambda: _create_by_hand(records)))
            _remove(records)
            stack.workspace.prepare()
            ours.append(timed(lambda: _up(stack)))
        ratio("up from nothing to all healthy", ours, "docker command line", theirs)
        purge(stack.workspace, confirmed=stack.workspace.stack)


def _up(stack: Stack) -> None:
    result = stack.up()
    assert result.returncode == 0, output_of(result)


def _memory(stack: Stack) -> None:
    time.sleep(30)  # at rest: after the first scrapes
    usage = stack.memory()
    print(f"memory at rest, {len(usage)} containers: {sum(usage.values()):.0f} MiB")


def _record(stack: Stack) -> list[dict[str, Any]]:
    """The stack's containers, each with the files that were uploaded into it."""
    records = []
    for container in docker_stack.containers(stack.name):
        description = json.loads(docker_stack.docker("inspect", container.name))[0]
        paths = [line[2:] for line in docker_stack.docker("diff", container.name).splitlines()]
        files = [path for path in paths if path.startswith(("/run/secrets/", "/etc/", "/docker-"))]
        records.append({"inspect": description, "files": _archive(container.name, files)})
    return records


def _archive(container: str, paths: Iterable[str]) -> bytes:
    """A tar archive of the files among these paths."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as output:
        for path in paths:
            copy = subprocess.run(
                ["docker", "cp", f"{container}:{path}", "-"], capture_output=True, check=True
            ).stdout
            with tarfile.open(fileobj=io.BytesIO(copy)) as source:
                member = source.getmembers()[0]
                if member.isfile():
                    content = source.extractfile(member)
                    member.name = path.lstrip("/")
                    output.addfile(member, content)
    return archive.getvalue()


def _create_by_hand(records: list[dict[str, Any]]) -> None:
    """Create the same networks, volumes and containers with the docker command line, in order."""
    networks = {name for record in records for name in _networks(record)}
    for name in networks:
        internal = [] if name.endswith("-edge") else ["--internal"]
        docker_stack.docker("network", "create", *internal, name)
    for name in {mount["Name"] for record in records for mount in _mounts(record)}:
        docker_stack.docker("volume", "create", name)
        if name.endswith("-tools"):
            _copy_tools(name)
    later = set().union(*WAVES)
    first = [record for record in records if _workload(record) not in later]
    waves = [
        first,
        *([record for record in records if _workload(record) in wave] for wave in WAVES),
    ]
    with ThreadPoolExecutor(8) as pool:
        for wave in waves:
            list(pool.map(_start, wave))


def _copy_tools(volume: str) -> None:
    """Copy the program that asks for health into the volume that each container mounts."""
    image = Catalogue(Settings.model_validate(settings())).image("busybox").reference
    copy = ("/bin/busybox", "cp", "/bin/busybox", "/tmp/busybox")
    docker_stack.docker("run", "--rm", "--network=none", f"--volume={volume}:/tmp", image, *copy)


def _start(record: dict[str, Any]) -> None:
    description = record["inspect"]
    name, config = description["Name"][1:], description["Config"]
    host = description["HostConfig"]
    check = config.get("Healthcheck")
    first, *others = _networks(record).items()
    options = ["--name", name, "--user", config["User"], "--network", first[0]]
    options += [f"--network-alias={alias}" for alias in first[1]]
    options += [f"--env={variable}" for variable in config["Env"]]
    options += [f"--volume={mount['Name']}:{mount['Destination']}" for mount in _mounts(record)]
    options += [f"--tmpfs={path}:{mode}" for path, mode in (host.get("Tmpfs") or {}).items()]
    options += [f"--memory={host['Memory']}", f"--memory-swap={host['MemorySwap']}"]
    options += ["--cap-drop=ALL", "--security-opt=no-new-privileges:true"]
    options += [f"--cpus={host['NanoCpus'] / 1e9}", "--restart=unless-stopped"]
    for inner, outer in (host.get("PortBindings") or {}).items():
        options += ["--publish", f"127.0.0.1:{outer[0]['HostPort']}:{inner.split('/')[0]}"]
    if check:
        check_command = " ".join(_quoted(word) for word in check["Test"][1:])
        options += ["--health-cmd", check_command, f"--health-interval={check['Interval']}ns"]
        options += [
            f"--health-timeout={check['Timeout']}ns",
            f"--health-retries={check['Retries']}",
        ]
        options += [f"--health-start-period={check['StartPeriod']}ns"]
    command = [*(config["Entrypoint"] or []), *(config["Cmd"] or [])]
    options += ["--entrypoint", command[0]]
    docker_stack.docker("create", *options, description["Image"], *command[1:])
    for network, aliases in others:
        extra = [word for alias in aliases for word in ("--alias", alias)]
        docker_stack.docker("network", "connect", *extra, network, name)
    subprocess.run(["docker", "cp", "-", f"{name}:/"], input=record["files"], check=True)
    docker_stack.docker("start", name)
    state = "{{.State.Health.Status}}"
    while check and docker_stack.docker("inspect", "-f", state, name).strip() != "healthy":
        time.sleep(0.2)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _remove(records: list[dict[str, Any]]) -> None:
    docker_stack.docker("rm", "--force", *(record["inspect"]["Name"][1:] for record in records))
    docker_stack.docker(
        "network", "rm", *{name for record in records for name in _networks(record)}
    )
    docker_stack.docker(
        "volume", "rm", *{mount["Name"] for record in records for mount in _mounts(record)}
    )


def _workload(record: dict[str, Any]) -> str:
    """The container's name without the prefix of project and stack."""
    name: str = record["inspect"]["Config"]["Hostname"]
    return name


def _networks(record: dict[str, Any]) -> dict[str, list[str]]:
    networks = record["inspect"]["NetworkSettings"]["Networks"]
    short_id = record["inspect"]["Id"][:12]
    return {
        name: [alias for alias in network["Aliases"] or [] if alias != short_id]
        for name, network in networks.items()
    }


def _mounts(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [mount for mount in record["inspect"]["Mounts"] if mount["Type"] == "volume"]


if __name__ == "__main__":
    main()
