"""The files of a service come back through its step."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from operations import backups, questions, restore_files, stack_file
from operations.workspace import Workspace
from tests.unit.describing import settings
from tests.unit.operations.backup_part import BackupPart

BUCKET = {
    "endpoint": "https://s3.example.com",
    "bucket": "acme",
    **dict.fromkeys(("access_key", "secret_key", "passphrase"), "given"),
}
SERVICES = {"reports": {"image": "acme/reports:1", "data_volume": {}}, "plain": {"image": "a/b:1"}}
COPIES = {"copies": [{"volume": "reports-data", "at": "2026-11-24T21:00:00Z", "id": "abc"}]}


@dataclass
class Target:
    """The service on its target: which request its volume was restored for, and what was done.
    `starts` is after how many starts its step reaches the backup part."""

    part: "Part"
    starts: int = 1
    restored: str | None = None
    calls: list[str] = field(default_factory=list)

    def stop(self, names: Collection[str]) -> None:
        self.calls.append(f"stop {' '.join(names)}")

    def run_step(self, name: str, seconds: float) -> None:
        self.calls.append(f"step {name}")
        self.starts -= 1
        if self.starts == 0:
            self.restored = self.part.request

    def start(self, names: Sequence[str]) -> None:
        self.calls.append(f"start {' '.join(names)}")

    def wait_running(self, names: Collection[str], seconds: float) -> None:
        """A container runs as soon as it is started."""

    def wait(self, names: Collection[str], seconds: float) -> None:
        self.calls.append(f"wait {' '.join(names)}")


@dataclass
class Part(BackupPart):
    """The backup part, with the request that a step would get."""

    request: str | None = None

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        match command[2]:
            case "request" if "--preview" not in command:
                self.request = "r1"
                self.answers["files"] = {**COPIES, "id": "r1"}
            case "discard":
                self.request = None
        return super().run(command, stdin=stdin)


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    part = Part(answers={"files": COPIES})
    target = Target(part=part)
    stack: Mapping[str, Any] = {
        "data": {"backup": {"offsite": BUCKET}},
        "api": {"services": SERVICES},
    }
    chosen = settings(stack, secret=("data",))
    monkeypatch.setattr(Workspace, "of", lambda name: SimpleNamespace(name=name, stack=name))
    monkeypatch.setattr(stack_file, "open_stack", lambda workspace: chosen)
    monkeypatch.setattr(backups, "part", lambda workspace, settings: part)
    monkeypatch.setattr(restore_files, "DockerWorkloads", lambda stack: target)
    monkeypatch.setattr(restore_files, "_sidecar", lambda *_: Sidecar(target))
    return target


@dataclass
class Sidecar:
    target: Target

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        restored = {"restored": {"reports-data": self.target.restored}}
        return BackupPart(answers={"files": restored}).run(command)


CYCLE = ["stop reports", "step reports-files-restore", "start reports", "wait reports"]


def test_the_service_restarts_through_its_step_and_the_request_is_withdrawn(
    target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    restore_files.restore_files("dev", "reports", at="2026-11-24 22:00:00", yes=True)
    assert target.calls == CYCLE
    assert target.restored == "r1"
    assert target.part.calls == [
        ("files", "request", "reports", "--at", "2026-11-24T22:00:00+00:00", "--preview"),
        ("files", "request", "reports", "--at", "2026-11-24T22:00:00+00:00"),
        ("files", "discard", "reports"),
    ]
    assert "reports-data, as it was at 2026-11-24 21:00:00 UTC" in capsys.readouterr().out


def test_it_starts_again_while_the_step_does_not_reach_the_backup_part(target: Target) -> None:
    target.starts = 2
    restore_files.restore_files("dev", "reports", yes=True)
    assert target.calls == CYCLE * 2
    target.starts = 9
    target.restored = None
    with pytest.raises(click.ClickException, match="started 3 times without the copy"):
        restore_files.restore_files("dev", "reports", yes=True)
    assert target.part.request is None


def test_without_a_yes_nothing_is_asked_of_the_step(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(question: str, *, yes: bool) -> None:
        raise click.Abort

    monkeypatch.setattr(questions, "confirm", no)
    with pytest.raises(click.Abort):
        restore_files.restore_files("dev", "reports")
    assert target.calls == []
    assert [call[-1] for call in target.part.calls] == ["--preview"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"service": "plain"}, "FILES=plain has no volume. These services have one: reports"),
        ({"service": "reports", "at": "yesterday"}, "AT is 'yesterday', which is no time"),
        ({"service": "reports", "source": "here"}, "files come from offsite only"),
    ],
)
def test_a_wrong_request_says_what_is_allowed(
    target: Target, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(click.UsageError, match=message):
        restore_files.restore_files("dev", **options)
    assert target.part.calls == []
