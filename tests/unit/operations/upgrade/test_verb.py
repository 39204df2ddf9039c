"""The order of what an upgrade does, and what a failure leaves, with fakes for the target."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import CalledProcessError
from types import SimpleNamespace
from typing import Any

import click
import pytest

from components.settings import SettingsError, under_way
from operations import up
from operations.plan.previews import Deployed
from operations.upgrade import report, verb, volumes
from operations.upgrade import stack as stacks
from operations.upgrade.stack import Stack
from operations.workspace import Workspace
from tests.unit.describing import KUBERNETES, settings

WRITERS = ["backend", "reports"]


@dataclass
class Target:
    """What a fake target was asked for, in order. `fails`: the copy fails."""

    calls: list[str] = field(default_factory=list)
    up: list[str] = field(default_factory=lambda: [*WRITERS])
    down: list[str] = field(default_factory=list)
    changes: tuple[str, ...] = ("postgres-upgrade", "volume-postgres-17")
    kept: tuple[str, ...] = ("ai-platform-dev-postgres", "ai-platform-dev-postgres-17")
    fails: bool = False

    def running(self, names: Collection[str]) -> list[str]:
        return [name for name in self.up if name in names]

    def stopped(self) -> list[str]:
        return self.down

    def stop(self, names: Collection[str]) -> None:
        self.calls.append(f"stop {', '.join(names)}")
        self.down, self.up = [*names], []

    def start(self, names: Sequence[str]) -> None:
        self.calls.append(f"start {', '.join(names)}")
        self.up, self.down = [*names], []

    def wait(self, names: Collection[str], seconds: float) -> None: ...

    def update(self, workspace: Workspace, *, refresh: bool, adopt: bool = False) -> None:
        upgrade = under_way(workspace.environment)
        self.calls.append("copy" if upgrade else "up")
        if upgrade and self.fails:
            raise CalledProcessError(255, ["pulumi"])

    def change_state(self, workspace: Workspace, change: Any) -> None:
        component: dict[str, Any] = {
            "urn": "urn:pulumi:dev::ai-platform::ai-platform:index:DataTier::data",
            "type": "ai-platform:index:DataTier",
            "outputs": {},
        }
        (after,) = change({"deployment": {"resources": [component]}})["deployment"]["resources"]
        self.calls.append(f"state {after['outputs']['formats']}")


class FakeStack(Stack):
    """A stack on the fake target."""

    def workloads(self) -> Any:
        return TARGETS[id(self.workspace)]

    def writers(self) -> list[str]:
        return WRITERS

    def server(self) -> Any:
        return SimpleNamespace(rows=lambda query: [["3", "1024"]])

    def backup_part(self) -> None:
        return None

    def kept_volumes(self) -> list[str]:
        return [*TARGETS[id(self.workspace)].kept]


TARGETS: dict[int, Target] = {}


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    target = Target()
    monkeypatch.setattr(up, "update", target.update)
    monkeypatch.setattr(volumes, "change_state", target.change_state)
    monkeypatch.setattr(report, "show_upgrade", lambda stack, **_: target.calls.append("report"))

    def deployed(workspace: Workspace) -> Deployed:
        return Deployed(
            base={}, head={}, steps={f"urn::x::{name}": "created" for name in target.changes}
        )

    monkeypatch.setattr(verb, "deployed", deployed)
    return target


def stack(target: Target, tmp_path: Path, *, before: int, to: int) -> Stack:
    workspace = Workspace(stack="dev", config=tmp_path / "Pulumi.dev.yaml", data=tmp_path)
    TARGETS[id(workspace)] = target
    volume = "postgres" if before == 15 else f"postgres-{before}"
    chosen = settings({"data": {"version": to}})
    return FakeStack(workspace=workspace, settings=chosen, before=before, volume=volume)


def test_the_state_changes_only_after_a_whole_copy(target: Target, tmp_path: Path) -> None:
    verb.move(stack(target, tmp_path, before=15, to=17), yes=True)
    assert target.calls == [
        "stop backend, reports",
        "copy",
        "state {'postgres-17': 'PostgreSQL 17'}",
        "up",
        "start backend, reports",
        "report",
    ]


def test_after_a_copy_that_fails_the_old_server_goes_on(target: Target, tmp_path: Path) -> None:
    target.fails = True
    with pytest.raises(CalledProcessError):
        verb.move(stack(target, tmp_path, before=15, to=17), yes=True)
    assert target.calls == ["stop backend, reports", "copy", "start backend, reports"]


def test_another_change_of_the_stack_file_is_refused_first(target: Target, tmp_path: Path) -> None:
    target.changes = ("postgres-upgrade", "backend")
    with pytest.raises(click.ClickException, match=r"besides data\.version, of backend\."):
        verb.move(stack(target, tmp_path, before=15, to=17), yes=True)
    assert target.calls == []


def test_nobody_who_could_answer_means_no(target: Target, tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="no terminal to answer on"):
        verb.move(stack(target, tmp_path, before=15, to=17), yes=False)
    assert target.calls == []


def test_a_run_that_was_interrupted_after_the_copy_is_finished(
    target: Target, tmp_path: Path
) -> None:
    target.up, target.down = [], [*WRITERS]
    verb.move(stack(target, tmp_path, before=17, to=17), yes=True)
    assert target.calls == ["up", "start backend, reports"]


def test_the_way_back_needs_the_volume_that_was_replaced(target: Target, tmp_path: Path) -> None:
    back = stack(target, tmp_path, before=17, to=15)
    verb.move(back, yes=True)
    assert target.calls == [
        "stop backend, reports",
        "state {'postgres': 'PostgreSQL 15'}",
        "up",
        "start backend, reports",
    ]
    target.calls, target.kept = [], target.kept[1:]
    with pytest.raises(click.ClickException, match="no volume with data of 15 is left"):
        verb.move(back, yes=True)
    assert target.calls == []


def test_the_version_must_be_that_of_the_stack_file() -> None:
    with pytest.raises(click.UsageError, match=r"TO=17, but data\.version is 15"):
        stacks.expect_version(settings(), 17)
    operated = settings({**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False}})
    with pytest.raises(click.ClickException, match=r"data\.mode is cloudnative-pg"):
        stacks.expect_version(operated, 15)


def test_the_present_version_needs_an_image_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stack with an image of its own keeps it as `postgres` beside the one of the new version."""
    workspace = Workspace(stack="dev", config=tmp_path / "Pulumi.dev.yaml", data=tmp_path)
    monkeypatch.setattr(volumes, "present", lambda workspace: {"postgres": 15})
    images = {"references": {"postgres": "acme/pg:17"}}
    chosen = settings({"data": {"version": 17}, "images": images})
    with pytest.raises(SettingsError, match=r"images\.references\.postgres"):
        stacks.of(workspace, chosen)
    images["references"] = {"postgres": "acme/pg:15", "postgres-17": "acme/pg:17"}
    chosen = settings({"data": {"version": 17}, "images": images})
    assert stacks.of(workspace, chosen).before == 15
    monkeypatch.setattr(volumes, "present", lambda workspace: {})
    with pytest.raises(click.ClickException, match="has no data yet"):
        stacks.of(replace(workspace), chosen)
