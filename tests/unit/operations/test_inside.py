"""Commands inside containers and pods."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes.client import ApiException

from operations.inside import EngineContainer, PodContainer, exit_code
from tests.unit.operations.conftest import program

SUCCESS = b'{"status": "Success"}'
FAILURE = b'{"status": "Failure", "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}}'


class Connection:
    """A connection to a pod that answers once everything was written."""

    def __init__(self, status: bytes) -> None:
        self.written = b""
        self.channels = {1: b"out", 2: b"err", 3: status}
        self.open = True
        self.sock = SimpleNamespace(shutdown=lambda: setattr(self, "closed", True))
        self.closed = False

    def is_open(self) -> bool:
        return self.open

    def write_stdin(self, data: bytes) -> None:
        self.written += data

    def update(self, timeout: int) -> None:
        self.open = False

    def read_channel(self, channel: int) -> bytes:
        return b"" if self.open else self.channels.pop(channel, b"")

    def close(self) -> None:
        self.open = False


class Core:
    """A client of the core API; `exec` is what the call of `stream` got."""

    connect_get_namespaced_pod_exec = "exec"
    api_client = SimpleNamespace()


@pytest.fixture
def pod(monkeypatch: pytest.MonkeyPatch) -> tuple[PodContainer, dict[str, Any]]:
    calls: dict[str, Any] = {"status": SUCCESS}

    def stream(*arguments: Any, **options: Any) -> Connection:
        calls.update(arguments=arguments, options=options)
        calls["connection"] = Connection(calls["status"])
        connection: Connection = calls["connection"]
        return connection

    monkeypatch.setattr("kubernetes.stream.stream", stream)
    container = PodContainer(core=Core(), namespace="shop", pod="db-0", container="db")
    return container, calls


def test_a_pod_gets_exactly_the_bytes_of_the_input(
    pod: tuple[PodContainer, dict[str, Any]], tmp_path: Path
) -> None:
    """The command ends with the input, although nothing closes it."""
    container, calls = pod
    file = tmp_path / "dump"
    file.write_bytes(bytes(range(256)) * 1000)
    for stdin in (file, file.read_bytes()):
        assert container.run(["psql", "-f", "-"], stdin=stdin) == "out"
        assert calls["connection"].written == file.read_bytes()
        assert calls["options"]["command"][:2] == ["sh", "-c"]
        assert calls["options"]["command"][3:] == ["sh", "256000", "psql", "-f", "-"]
    shell = calls["options"]["command"]
    result = subprocess.run(
        [*shell[:4], "5", "cat"], input=b"first and more", capture_output=True, check=True
    )
    assert result.stdout == b"first"


def test_without_input_the_command_is_run_as_it_is(
    pod: tuple[PodContainer, dict[str, Any]],
) -> None:
    container, calls = pod
    container.run(["true"])
    assert calls["connection"].closed
    assert calls["arguments"] == ("exec", "db-0", "shop")
    assert calls["options"]["command"] == ["true"]
    assert not calls["options"]["stdin"]


def test_a_command_that_fails_in_a_pod_raises_with_its_errors(
    pod: tuple[PodContainer, dict[str, Any]],
) -> None:
    container, calls = pod
    calls["status"] = FAILURE
    with pytest.raises(subprocess.CalledProcessError) as error:
        container.run(["false"])
    assert (error.value.returncode, error.value.stderr) == (3, "err")


def test_a_container_that_does_not_run_yet_is_a_command_that_fails(
    pod: tuple[PodContainer, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stream(*_: Any, **__: Any) -> None:
        Core.api_client.call_api = "set by the real one"
        raise ApiException(status=0, reason="Handshake status 500: container not found")

    monkeypatch.setattr("kubernetes.stream.stream", stream)
    container, _ = pod
    with pytest.raises(subprocess.CalledProcessError) as error:
        container.run(["true"])
    assert error.value.stderr == "Handshake status 500: container not found"
    assert vars(Core.api_client) == {}


def test_a_connection_that_ends_without_a_status_has_failed() -> None:
    assert exit_code(b"") == 1
    assert exit_code(b'{"status": "Failure", "message": "container not found"}') == 1


def test_a_container_of_an_engine_gets_the_input(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    calls = program(machine, "docker", "cat; echo warned >&2")
    file = tmp_path / "dump"
    file.write_text("content")
    container = EngineContainer(docker=("docker", "exec", "db"))
    assert container.run(["psql"], stdin=file) == "content"
    assert container.run(["psql"], stdin=b"text") == "text"
    assert container.run(["psql"]) == ""
    assert set(calls.read_text().splitlines()) == {"exec db psql"}
    program(machine, "docker", "echo warned >&2; exit 4")
    with pytest.raises(subprocess.CalledProcessError) as error:
        container.run(["psql"])
    assert (error.value.returncode, error.value.stderr) == (4, "warned\n")


def test_large_output_and_input_pass_in_pieces(
    machine: Path, pod: tuple[PodContainer, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    program(machine, "docker", f"cat > {machine}/input; head -c 200000 /dev/zero")
    engine = EngineContainer(docker=("docker", "exec", "db"))
    pieces = list(engine.read(["tar"]))
    assert sum(map(len, pieces)) == 200_000
    assert len(pieces) > 1
    engine.feed(["tar"], iter([b"first ", b"second"]))
    assert (machine / "input").read_bytes() == b"first second"

    container, calls = pod
    assert b"".join(container.read(["tar"])) == b"out"
    container.feed(["tar"], iter([b"first ", b"second"]))
    assert calls["connection"].written == b"first second"
    assert calls["options"]["command"] == ["tar"]


def test_a_command_that_fails_ends_the_pieces_with_its_errors(
    machine: Path, pod: tuple[PodContainer, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    program(machine, "docker", "echo out; echo full >&2; exit 2")
    container, calls = pod
    calls["status"] = FAILURE
    for inside, errors in ((EngineContainer(docker=("docker",)), "full\n"), (container, "err")):
        with pytest.raises(subprocess.CalledProcessError) as error:
            list(inside.read(["tar"]))
        assert error.value.stderr == errors
        with pytest.raises(subprocess.CalledProcessError) as error:
            inside.feed(["tar"], [bytes(100_000)] * 5)
        assert error.value.stderr == errors
