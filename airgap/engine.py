"""A Docker engine on this machine: the one that runs, else Debian's."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from airgap import debian, places
from airgap.command import LAST_LINES, AirgapError, run, succeeds

ANSWER_SECONDS = 10.0
"""A busy engine takes its time; one that takes longer than this is as good as none."""

INSTALL_SECONDS = 3.0
"""The package starts the engine where there is an init system to do so."""

START_SECONDS = 60.0
"""A first start took 2 s on two cores; after a crash the engine tidies up first."""

PID_FILE = Path("/var/run/docker.pid")
SYSTEMD = Path("/run/systemd/system")

Report = Callable[[str], None]


def ensure(report: Report) -> None:
    """Return when a Docker engine answers; one that runs already is left alone.

    Raises AirgapError where one has to be installed or started and cannot be.
    """
    if answers():
        return
    chosen = os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT")
    if chosen:
        raise AirgapError(
            f"the Docker engine at {chosen} does not answer: start it, or unset "
            "DOCKER_HOST and DOCKER_CONTEXT to use one on this machine"
        )
    if os.geteuid() != 0:
        raise AirgapError(
            "no Docker engine answers. Start it, or let this user reach it (group `docker`); "
            "or run this once as root, which installs Debian's engine and starts it"
        )
    if shutil.which("dockerd") is None:
        debian.install("docker.io")
        if shutil.which("docker") is None:
            debian.install("docker-cli")  # a package of its own from Debian 13 on
        report("Docker Engine installed from Debian's packages")
        if _answers_within(INSTALL_SECONDS, lambda: True):
            return
    if SYSTEMD.is_dir():
        run("systemctl", "start", "docker")
        report("Docker Engine started by systemd")
    else:
        log = start()
        report(f"Docker Engine started; its log is {log}")


def answers() -> bool:
    """Whether the engine that the `docker` command uses answers."""
    return succeeds("docker", "info", seconds=ANSWER_SECONDS)


def start(options: Sequence[str] = (), pid_file: Path = PID_FILE) -> Path:
    """Start dockerd in a session of its own, so that it outlives us; returns its log.

    Raises AirgapError with the end of the log when the engine does not answer.
    """
    _forget_dead(pid_file)
    log = places.state() / "dockerd.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        daemon = subprocess.Popen(
            ["dockerd", "--pidfile", str(pid_file), *options],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    if not _answers_within(START_SECONDS, lambda: daemon.poll() is None):
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise AirgapError(f"dockerd was started but does not answer; {log} ends with:\n{tail}")
    daemon.returncode = 0  # it outlives us: nobody waits for its end
    return log


def _answers_within(seconds: float, alive: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and alive():
        if answers():
            return True
        time.sleep(0.2)
    return False


def _forget_dead(pid_file: Path) -> None:
    """Remove what a killed dockerd left: its number may belong to another process now."""
    if not pid_file.exists():
        return
    number = pid_file.read_text().strip()
    name = Path("/proc", number, "comm")
    if name.exists() and name.read_text().strip() == "dockerd":
        raise AirgapError(
            f"dockerd runs as process {number} but does not answer: look into its log, "
            "end it, then run this again"
        )
    pid_file.unlink()
