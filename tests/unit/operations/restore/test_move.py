"""A backup of one stack is restored into another one, which is empty."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from components.settings import Backup, Offsite, Settings
from operations import backups, stack_file
from operations.__main__ import main
from operations.inside import EngineContainer
from operations.restore import live as live_stack
from operations.restore import move, rest
from operations.workspace import Workspace
from tests.unit.describing import settings
from tests.unit.operations.restore.simulation import NEW, SimulatedPart, Simulation, live

NEWER = {"data": {"version": 16}, "images": {"references": {"postgres": "postgres:16.9"}}}


@dataclass
class Part(SimulatedPart):
    """A backup part with the recovered data as one word."""

    content: list[bytes] = field(default_factory=lambda: [b"the recovered data"])

    def read(self, command: Sequence[str]) -> Iterator[bytes]:
        assert self.of.recovered
        self.of.call("read", lambda: None)
        yield from self.content

    def feed(self, command: Sequence[str], content: Iterable[bytes]) -> None:
        self.content[:] = self.of.call("feed", lambda: list(content))
        self.of.recovered = {"id": "r1", "target": "the latest state"}


@dataclass
class Stacks:
    """The stacks dev and next. `next` is the simulated one, which is empty."""

    dev: Simulation = field(default_factory=Simulation)
    next: Simulation = field(default_factory=lambda: Simulation(rows=0))
    settings: dict[str, Any] = field(default_factory=dict)

    def restore(self, monkeypatch: pytest.MonkeyPatch, *options: str) -> tuple[int, str]:
        parts = {"dev": Part(self.dev), "next": Part(self.next, [])}
        with monkeypatch.context() as patch:
            other = replace(live(self.next, patch), part=parts["next"])
            other = replace(other, workspace=Workspace.of("next"))
            patch.setattr(backups, "part", lambda workspace, _: parts[workspace.name])
            patch.setattr(live_stack, "of", lambda *_: other)
            patch.setattr(stack_file, "open_stack", lambda _: settings({}))
            patch.setattr(stack_file, "settings", lambda _: settings(self.settings))
            patch.setattr(rest, "BY_ITSELF", 0)
            result = CliRunner().invoke(main, ["restore", "--into=next", "--yes", *options])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.content = parts["next"].content
        return result.exit_code, " ".join(result.output.split())


def test_the_data_is_recovered_in_one_stack_and_restored_in_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stacks = Stacks()
    code, output = stacks.restore(monkeypatch)
    assert code == 0, output
    assert stacks.dev.calls == ["list", "recover --closed", "read", "discard"]
    assert stacks.content == [b"the recovered data"]
    assert stacks.next.calls[:5] == [
        "list",
        "feed",
        "forget",
        "mark backend sales sales-tidy",
        "stop backend sales sales-tidy",
    ]
    assert (stacks.next.rows, stacks.next.recovered, stacks.next.marked) == (NEW, None, set())
    assert "Restore of the stack next" in output
    assert ", of the stack dev stops backend" in output
    assert "loses" not in output
    assert "Bring the databases of dev into next as shown? YES=1" in output


@pytest.mark.parametrize(
    ("stacks", "options", "reason"),
    [
        (Stacks(next=Simulation(rows=1)), (), "next has data, such as the table public.decisions"),
        (Stacks(settings=NEWER), (), "data.version of next is 16"),
        (
            Stacks(settings={"docker": {"host": "ssh://ops@example.com"}}),
            (),
            "docker.host of next is another engine",
        ),
        (
            Stacks(next=Simulation(rows=0, recovered={"id": "r0", "target": "x"})),
            (),
            "make restore STACK=next finishes it",
        ),
        (Stacks(), ("--at=2026-11-30",), "Restorable is any second from"),
    ],
)
def test_a_stack_that_cannot_take_the_data_is_refused_before_any_change(
    stacks: Stacks, options: tuple[str, ...], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output = stacks.restore(monkeypatch, *options)
    assert code == 1
    assert reason in output
    assert {*stacks.dev.calls, *stacks.next.calls} <= {"list"}


def test_a_copy_that_breaks_leaves_nothing_in_the_first_stack(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its own database would be replaced by what was recovered, the next time that it starts."""
    stacks = Stacks()

    def breaks(*_: object) -> None:
        raise click.ClickException("the connection ended")

    with monkeypatch.context() as patch:
        patch.setattr(move, "copy", breaks)
        code, output = stacks.restore(patch)
    assert code == 1
    assert "the connection ended" in output
    assert stacks.dev.recovered is None
    assert stacks.dev.calls[-1] == "discard"
    assert stacks.next.rows == 0


def test_two_stacks_with_one_place_in_a_bucket_do_not_get_the_same_data() -> None:
    def sending_to(prefix: str) -> Settings:
        bucket = Offsite(endpoint="https://s3.example.com", bucket="backups", prefix=prefix)
        data = settings().data.model_copy(update={"backup": Backup(offsite=bucket)})
        return settings().model_copy(update={"data": data})

    with pytest.raises(click.ClickException, match="offsite of look is the same place"):
        move._expect_alike(sending_to("prod"), sending_to("prod"), "look")
    move._expect_alike(sending_to("prod"), sending_to("look"), "look")


def test_a_stack_does_not_go_into_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = Stacks().restore(monkeypatch, "--stack=next")
    assert code == 2
    assert "INTO is next, the stack itself." in output


def test_a_copy_has_every_file_and_is_complete_or_worth_nothing(tmp_path: Path) -> None:
    """The programs of the copy run here on directories of their own."""
    source, target = tmp_path / "from" / "restore", tmp_path / "to" / "restore"
    (source / "data" / "base").mkdir(parents=True)
    (source / "data" / "base" / "1").write_bytes(bytes(range(256)) * 5000)
    (source / "restore.json").write_text(json.dumps({"id": "r1"}))
    target.mkdir(parents=True)
    (target / "left").touch()

    class Here(EngineContainer):
        def read(self, command: Sequence[str]) -> Iterator[bytes]:
            yield from super().read([word.replace("/to/", "/from/") for word in command])

    here = Here(docker=("env",))
    move.copy(here, here, str(target))
    files = sorted(str(path.relative_to(target)) for path in target.rglob("*"))
    assert files == ["data", "data/base", "data/base/1", "restore.json"]
    assert (target / "data/base/1").read_bytes() == bytes(range(256)) * 5000
    assert target.stat().st_mode & 0o777 == 0o700

    (source / "restore.json").unlink()
    with pytest.raises(subprocess.CalledProcessError, match="tar"):
        move.copy(here, here, str(target))
    assert not (target / "restore.json").exists()


def test_an_organisation_does_not_make_another_stack() -> None:
    """The objects of a stack have its name without the organisation."""
    with pytest.raises(click.UsageError):
        move.expect_another("acme/dev", "dev")
    move.expect_another("acme/dev", "acme/next")
