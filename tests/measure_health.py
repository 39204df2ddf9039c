"""What a health check over HTTP costs: .venv/bin/python -m tests.measure_health [STACK], as root.

The platform's program is compared with the programs that images have themselves, in the namespaces
of a container that has them. Every program also costs what the engine needs to start it in a
container, which is left out.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from operations import docker_stack
from operations.workspace import PROJECT
from tests.timing import cost

CHECKS = 50
# A port on which nobody answers, so that a program waits while its memory is read.
SILENT = 65000
BUSYBOX = "/run/ai-platform/busybox"
WGET = (BUSYBOX, "wget", "-q", "-Y", "off", "-O", "/dev/null")
CURL = ("curl", "-fsS", "-o", "/dev/null")
# A plain socket, because importing urllib takes twice as long.
PYTHON = (
    "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 9); "
    "s.sendall(b'GET /health HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n'); "
    "sys.exit(s.recv(12)[9:10] != b'2')"
)


def main(stack: str) -> None:
    def measure(name: str, container: str, command: Sequence[str], port: int) -> None:
        pid = _pid(f"{PROJECT}-{stack}-{container}")
        silent, asked = (
            [word.replace("PORT", str(number)) for word in command] for number in (SILENT, port)
        )
        print(f"{name}: {_cpu(pid, asked):.1f} ms of CPU, {_memory(pid, silent):.1f} MiB")

    url = "http://127.0.0.1:PORT/health"
    python = ("python3", "-I", "-S", "-c", PYTHON, "PORT")
    measure("busybox in decision", "decision", (*WGET, url), 8001)
    measure("python3 in decision", "decision", python, 8001)
    measure("busybox in frontend", "frontend", (*WGET, url), 8080)
    measure("curl in frontend", "frontend", (*CURL, url), 8080)


def _pid(container: str) -> str:
    return docker_stack.docker("inspect", "-f", "{{.State.Pid}}", container).strip()


def _inside(pid: str, command: Sequence[str]) -> list[str]:
    return ["nsenter", "-t", pid, "-m", "-n", "--", *command]


def _cpu(pid: str, command: Sequence[str]) -> float:
    """Milliseconds of a check, without those that nsenter itself takes."""

    def seconds(command: Sequence[str]) -> float:
        def run() -> None:
            for _ in range(CHECKS):
                subprocess.run(_inside(pid, command), check=True)

        return cost(run).cpu

    return 1000 * (seconds(command) - seconds((BUSYBOX, "true"))) / CHECKS


def _memory(pid: str, command: Sequence[str]) -> float:
    """MiB of a program that waits for an answer."""
    listener = subprocess.Popen(
        ["nsenter", "-t", pid, "-n", "--", sys.executable, "-c", _LISTEN], stdout=subprocess.PIPE
    )
    assert listener.stdout
    listener.stdout.readline()
    check = subprocess.Popen(_inside(pid, command), stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    status = Path(f"/proc/{check.pid}/status").read_text()
    for process in (check, listener):
        process.kill()
        process.wait()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


_LISTEN = (
    f"import socket, time; s = socket.create_server(('127.0.0.1', {SILENT})); "
    "print('listens', flush=True); time.sleep(60)"
)

if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "dev")
