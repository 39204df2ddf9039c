"""What the engine hears of a program's lines."""

from collections.abc import Callable

import grpc
import pulumi
import pytest
from pulumi.runtime.proto import engine_pb2

from components.targets import debug_lines


class Engine:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []
        self.gone = False

    def Log(self, request: engine_pb2.LogRequest) -> None:
        if self.gone:
            raise grpc.RpcError
        self.heard.append((request.severity, request.message))


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What runs at the end of the program."""
    calls: list[Callable[[], None]] = []
    monkeypatch.setattr("atexit.register", calls.append)
    return calls


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, ending: list[Callable[[], None]]) -> Engine:
    engine = Engine()
    monkeypatch.setattr("pulumi.runtime.settings.get_engine", lambda: engine)
    debug_lines.gather()
    return engine


def test_debug_lines_go_together_before_the_next_other_line(engine: Engine) -> None:
    pulumi.log.debug("first")
    pulumi.log.debug("second")
    assert engine.heard == []
    pulumi.log.error("broken")
    assert engine.heard == [(engine_pb2.DEBUG, "first\nsecond"), (engine_pb2.ERROR, "broken")]


def test_no_more_than_a_hundred_debug_lines_wait(engine: Engine) -> None:
    for number in range(debug_lines.LINES):
        pulumi.log.debug(str(number))
    ((severity, message),) = engine.heard
    assert severity == engine_pb2.DEBUG
    assert message.splitlines() == [str(number) for number in range(debug_lines.LINES)]


def test_other_lines_go_at_once(engine: Engine) -> None:
    pulumi.log.info("a fact")
    pulumi.log.warn("a warning")
    assert engine.heard == [(engine_pb2.INFO, "a fact"), (engine_pb2.WARNING, "a warning")]


def test_lines_that_wait_at_the_end_of_the_program_are_sent(
    engine: Engine, ending: list[Callable[[], None]]
) -> None:
    pulumi.log.debug("last")
    for call in ending:
        call()
    assert engine.heard == [(engine_pb2.DEBUG, "last")]


def test_a_debug_line_that_cannot_be_sent_takes_no_other_with_it(
    engine: Engine,
) -> None:
    engine.gone = True
    pulumi.log.debug("lost")
    with pytest.raises(grpc.RpcError):
        pulumi.log.error("first")
    engine.gone = False
    pulumi.log.error("second")
    assert engine.heard == [(engine_pb2.ERROR, "second")]
