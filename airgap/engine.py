"""A Docker engine on this machine: the running one, or one from Debian's packages."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from airgap import apt, directories
from airgap.command import LAST_LINES, AirgapError, run, succeeds
from airgap.report import Report

ANSWER_SECONDS = 10.0
"""A busy engine answers slowly; this project does not use one that takes longer than this."""

INSTALL_SECONDS = 3.0
"""The package starts the engine where the machine has an init system."""

START_SECONDS = 60.0
"""A first start took 2 s on two cores; after a crash the engine cleans up first."""

PID_FILE = Path("/var/run/docker.pid")
SYSTEMD = Path("/run/systemd/system")


def ensure(report: Report) -> None:
    """Make sure that a Docker engine answers; a running engine stays as it is.

    Raises AirgapError where no engine answers and this process cannot install or start one.
    """
    if answers():
        return
    address = os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT")
    if address:
        raise AirgapError(
            f"the Docker engine at {address} does not answer: start it, or correct docker.host of "
            "the stack, DOCKER_HOST or DOCKER_CONTEXT. Without them this machine's engine is used"
        )
    if os.geteuid() != 0:
        raise AirgapError(
            "no Docker engine answers. Start one, or let this user reach it (group `docker`), "
            "or run this command once as root, which installs Debian's engine and starts it"
        )
    if shutil.which("dockerd") is None:
        apt.install("docker.io")
        if shutil.which("docker") is None:
            apt.install("docker-cli")  # a separate package from Debian 13 on
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


def start(pid_file: Path = PID_FILE) -> Path:
    """Start dockerd in its own session, so that it outlives this process; return its log file.

    Raises AirgapError with the end of the log when the engine does not answer.
    """
    _remove_stale(pid_file)
    log = directories.state() / "dockerd.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        daemon = subprocess.Popen(
            ["dockerd", "--pidfile", str(pid_file)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    if not _answers_within(START_SECONDS, lambda: daemon.poll() is None):
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise AirgapError(f"dockerd was started but does not answer; {log} ends with:\n{tail}")
    daemon.returncode = 0  # dockerd outlives this process, which does not wait for it
    return log


def _answers_within(seconds: float, alive: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and alive():
        if answers():
            return True
        time.sleep(0.2)
    return False


def _remove_stale(pid_file: Path) -> None:
    """Remove the PID file of a killed dockerd: another process may have its number now."""
    if not pid_file.exists():
        return
    number = pid_file.read_text().strip()
    name = Path("/proc", number, "comm")
    if name.exists() and name.read_text().strip() == "dockerd":
        raise AirgapError(
            f"dockerd runs as process {number} but does not answer: read its log, "
            "stop it, then run this command again"
        )
    pid_file.unlink()
