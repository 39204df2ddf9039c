"""What was recovered is open to the database only while a command wants it."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backup import recovery, restore
from backup.context import Context
from backup.layout import Layout

IDLE, CLOSED, OPEN = "no server", "a server that nobody reaches", "a server at the port"


@dataclass(kw_only=True)
class Scratch:
    """The one server on the recovered data, and what it was like from one step to the next."""

    listens: str = ""
    steps: list[str] = field(default_factory=lambda: [IDLE])

    def running(self) -> bool:
        return self.steps[-1] != IDLE

    def start(self) -> None:
        assert not self.running()
        self.steps.append(OPEN if self.listens else CLOSED)

    def stop(self) -> None:
        self.steps.append(IDLE)


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Scratch:
    one = Scratch()

    def server(*_: object, listens: str = "") -> Scratch:
        one.listens = listens
        return one

    monkeypatch.setattr(restore, "_server", server)
    monkeypatch.setattr(restore, "_set_password", lambda *_: None)
    monkeypatch.setattr(restore, "rows", lambda _: [])
    return one


@pytest.fixture
def context(places: Layout, monkeypatch: pytest.MonkeyPatch) -> Context:
    backup = SimpleNamespace(id="1", system="7")
    target = SimpleNamespace(words="the newest state", options={}, timeline=None)
    monkeypatch.setattr(recovery, "choose", lambda *_: (backup, target))
    monkeypatch.setattr(recovery, "copy", lambda *_: (places.restore / "data").mkdir(parents=True))
    monkeypatch.setattr(recovery, "options", lambda *_: {})
    monkeypatch.setattr(restore, "_missing", lambda *_: (None, ""))
    return cast(Context, SimpleNamespace(layout=places, write_engine=lambda: None))


def restart(context: Context, scratch: Scratch) -> str:
    """What is open after the part has ended and begun again."""
    restore.stop_server(context)
    restore.reopen(context)
    return scratch.steps[-1]


def test_what_is_recovered_closed_stays_closed_until_it_is_opened(
    context: Context, scratch: Scratch
) -> None:
    answer = restore.recover(context, None, None, closed=True)
    assert scratch.steps[-1] == IDLE
    assert OPEN not in scratch.steps
    assert restart(context, scratch) == IDLE
    assert restore.open_server(context) == answer
    assert scratch.steps[-1] == OPEN
    assert restart(context, scratch) == OPEN
    restore.discard(context)
    assert restart(context, scratch) == IDLE


def test_what_is_recovered_open_is_open_after_a_restart(context: Context, scratch: Scratch) -> None:
    restore.recover(context, None, None, closed=False)
    assert scratch.steps[-1] == OPEN
    assert restart(context, scratch) == OPEN


def test_a_count_that_fails_leaves_no_server(
    context: Context, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> Any:
        raise ValueError("the count failed")

    monkeypatch.setattr(restore, "rows", fail)
    with pytest.raises(ValueError, match="the count failed"):
        restore.recover(context, None, None, closed=True)
    assert scratch.steps[-1] == IDLE
    # The server of a count that was killed is there and does not listen.
    monkeypatch.setattr(restore, "rows", lambda _: [])
    scratch.steps.append(CLOSED)
    restore.open_server(context)
    assert scratch.steps[-1] == OPEN
