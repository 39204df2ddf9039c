"""Run commands inside a container of a stack, on both targets, with a file as input if needed."""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
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


class InsideWithStreams(Inside, Protocol):
    """The same, for input and output that do not fit into memory."""

    def read(self, command: Sequence[str]) -> Iterator[bytes]:
        """The output of a command, piece by piece. Raises CalledProcessError at its end where it
        fails."""
        ...

    def feed(self, command: Sequence[str], content: Iterable[bytes]) -> None:
        """Run a command with this input, of which it must know the end itself. Raises
        CalledProcessError where it fails."""
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

    def read(self, command: Sequence[str]) -> Iterator[bytes]:
        with tempfile.TemporaryFile() as errors:
            argv, pipe = [*self.docker, *command], subprocess.PIPE
            with subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=pipe, stderr=errors
            ) as process:
                assert process.stdout
                while chunk := process.stdout.read(CHUNK):
                    yield chunk
            errors.seek(0)
            _output(command, process.returncode, b"", errors.read())

    def feed(self, command: Sequence[str], content: Iterable[bytes]) -> None:
        with tempfile.TemporaryFile() as errors:
            argv, pipe = [*self.docker, *command], subprocess.PIPE
            with subprocess.Popen(
                argv, stdin=pipe, stdout=subprocess.DEVNULL, stderr=errors
            ) as process:
                assert process.stdin
                # A command that has ended reads no more, and says why at its end.
                with suppress(BrokenPipeError), process.stdin:
                    for chunk in content:
                        process.stdin.write(chunk)
            errors.seek(0)
            _output(command, process.returncode, b"", errors.read())


@dataclass(frozen=True, kw_only=True)
class PodContainer:
    """A container of a pod. `core` is a client of the cluster's core API."""

    core: Any
    namespace: str
    pod: str
    container: str

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        argv = list(command)
        content: Iterable[bytes] | None = None
        if stdin is not None:
            size = stdin.stat().st_size if isinstance(stdin, Path) else len(stdin)
            argv = ["sh", "-c", _WITH_INPUT, "sh", str(size), *command]
            content = _chunks(stdin) if isinstance(stdin, Path) else [stdin]
        exchange = self._exchange(argv, stdin=content is not None)
        output = b"".join(exchange.pieces(content or ()))
        return _output(command, exchange.code, output, exchange.errors)

    def read(self, command: Sequence[str]) -> Iterator[bytes]:
        exchange = self._exchange(command, stdin=False)
        yield from exchange.pieces(())
        _output(command, exchange.code, b"", exchange.errors)

    def feed(self, command: Sequence[str], content: Iterable[bytes]) -> None:
        exchange = self._exchange(command, stdin=True)
        for _ in exchange.pieces(content):
            pass
        _output(command, exchange.code, b"", exchange.errors)

    def _exchange(self, command: Sequence[str], *, stdin: bool) -> "_Exchange":
        from kubernetes.client import ApiException
        from kubernetes.stream import stream

        try:
            connection = stream(
                self.core.connect_get_namespaced_pod_exec,
                self.pod,
                self.namespace,
                container=self.container,
                command=list(command),
                stdin=stdin,
                stdout=True,
                stderr=True,
                tty=False,
                binary=True,
                _preload_content=False,
            )
        except ApiException as error:  # for example, the container does not run yet
            raise subprocess.CalledProcessError(1, list(command), "", error.reason) from None
        finally:
            # `stream` leaves a reference of the client to itself, which keeps its sockets open.
            vars(self.core.api_client).pop("call_api", None)
        return _Exchange(connection)


class _Exchange:
    """A connection to a command in a pod, and how the command ended."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.errors = b""
        self.code = 1

    def pieces(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """The output of the command, while it gets the content as its input."""
        connection = self._connection
        try:
            for chunk in content:
                if not connection.is_open():
                    break
                connection.write_stdin(chunk)
                yield self._piece()
            while connection.is_open():
                connection.update(timeout=1)
                yield self._piece()
            yield self._piece()
            self.code = exit_code(connection.read_channel(3))
        finally:
            connection.close()
            if connection.sock:  # still open where the other end closed it first
                connection.sock.shutdown()

    def _piece(self) -> bytes:
        piece: bytes = self._connection.read_channel(1)
        self.errors += self._connection.read_channel(2)
        return piece


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


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
