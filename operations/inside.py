"""Run commands inside a container of a stack, on both targets, with a file as input if needed."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

# Bytes of one message to a pod.
CHUNK = 64 * 1024
# Gives a command exactly the input's bytes: a pod's connection cannot close the input alone.
_WITH_INPUT = 'size=$1; shift; head -c "$size" | "$@"'


class Inside(Protocol):
    """A container or pod in which commands run."""

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        """The output of a command. Raises CalledProcessError where it fails."""
        ...


@dataclass(frozen=True, kw_only=True)
class EngineContainer:
    """A container of a Docker engine. `docker` is the command that runs others in it."""

    docker: tuple[str, ...]

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        argv = [*self.docker, *command]
        if isinstance(stdin, Path):
            with stdin.open("rb") as file:
                result = subprocess.run(argv, stdin=file, capture_output=True, check=False)
        else:
            result = subprocess.run(argv, input=stdin or b"", capture_output=True, check=False)
        return _output(command, result.returncode, result.stdout, result.stderr)


@dataclass(frozen=True, kw_only=True)
class PodContainer:
    """A container of a pod. `core` is a client of the cluster's core API."""

    core: Any
    namespace: str
    pod: str
    container: str

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        from kubernetes.stream import stream

        argv = list(command)
        if stdin is not None:
            size = stdin.stat().st_size if isinstance(stdin, Path) else len(stdin)
            argv = ["sh", "-c", _WITH_INPUT, "sh", str(size), *command]
        connection = stream(
            self.core.connect_get_namespaced_pod_exec,
            self.pod,
            self.namespace,
            container=self.container,
            command=argv,
            stdin=stdin is not None,
            stdout=True,
            stderr=True,
            tty=False,
            binary=True,
            _preload_content=False,
        )
        output = _Output()
        try:
            if isinstance(stdin, Path):
                with stdin.open("rb") as file:
                    while connection.is_open() and (chunk := file.read(CHUNK)):
                        connection.write_stdin(chunk)
                        output.read(connection)
            elif stdin:
                connection.write_stdin(stdin)
            while connection.is_open():
                connection.update(timeout=1)
                output.read(connection)
            output.read(connection)
            status = connection.read_channel(3)
        finally:
            connection.close()
        return _output(command, exit_code(status), output.stdout, output.stderr)


class _Output:
    """What a command in a pod has written so far."""

    def __init__(self) -> None:
        self.stdout = b""
        self.stderr = b""

    def read(self, connection: Any) -> None:
        self.stdout += connection.read_channel(1)
        self.stderr += connection.read_channel(2)


def exit_code(status: bytes) -> int:
    """The exit code in the status that the cluster sends when a command has ended.

    A connection that ended without a status has failed.
    """
    outcome = json.loads(status) if status else {}
    if outcome.get("status") == "Success":
        return 0
    causes = (outcome.get("details") or {}).get("causes") or []
    codes = [cause["message"] for cause in causes if cause.get("reason") == "ExitCode"]
    return int(codes[0]) if codes else 1


def _output(command: Sequence[str], code: int, stdout: bytes, stderr: bytes) -> str:
    text = stdout.decode(errors="replace")
    if code:
        raise subprocess.CalledProcessError(
            code, list(command), text, stderr.decode(errors="replace")
        )
    return text
