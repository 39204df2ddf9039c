"""A server that is gone is created again, and nothing else changes."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from operations import kubernetes_stack
from operations.restore import lost
from tests.unit.describing import KUBERNETES, settings
from tests.unit.operations.restore.simulation import Simulation, live

URN = "urn:pulumi:dev::ai-platform::ai-platform:index:DataTier$kind::"
OWN = ["volume-postgres", "postgres-restore", "postgres", "postgres-volumes"]
OTHERS = ["postgres-schema", "postgres-exporter", "volume-backup", "backup", "postgres-password"]


@pytest.mark.parametrize("target", [{}, KUBERNETES])
def test_an_update_has_the_server_its_step_and_its_volume_as_targets(
    target: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    workspace: Any = SimpleNamespace(
        stack="acme/dev",
        prepare=lambda: calls.append("prepare"),
        resources=lambda: {URN + name: {} for name in (*OTHERS, *OWN)},
        pulumi=lambda *words, **options: calls.append((words, options)),
    )
    monkeypatch.setattr(
        kubernetes_stack, "expect_own_plugin", lambda *_: calls.append("own plugin")
    )
    stack = replace(live(Simulation(), monkeypatch), workspace=workspace, settings=settings(target))
    lost.create_again(stack)
    *before, (words, options) = calls
    assert before == (["own plugin", "prepare"] if target else ["prepare"])
    assert words[0] == "up"
    assert {"--refresh", "--run-program", "--yes"} <= {*words}
    assert [word for word in words if word.startswith("--target")] == [
        f"--target={URN}{name}" for name in OWN
    ]
    assert words[-2:] == ("--stack", "acme/dev")
    assert options == {"quiet": True}


def test_a_server_is_lost_without_its_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = Simulation()
    stack = live(simulation, monkeypatch)
    assert not lost.is_lost(stack)
    simulation.exists = False
    assert lost.is_lost(stack)
