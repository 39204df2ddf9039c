"""What the verb `restore` refuses before anything changes."""

from typing import Any

import click
import pytest
from click.testing import CliRunner

from operations import backups
from operations.__main__ import main
from tests.unit.operations.restore.simulation import (
    Simulation,
)
from tests.unit.operations.restore.verb import restore


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            ["--at=2026-11-24 01:00:00"],
            "AT is 2026-11-24 01:00:00 UTC. Restorable is any second from 2026-11-24 02:00:09 UTC "
            "to 2026-11-25 21:00:00 UTC. Nothing was changed.",
        ),
        (["--at=2026-11-25 23:00:00+01:00"], "AT is 2026-11-25 22:00:00 UTC. Restorable"),
        (
            ["--backup=20261124T020001"],
            "there is no such backup. The nearest is 20261124T020000. The newest: "
            "20261125T020000, 20261124T020000.",
        ),
    ],
)
def test_what_cannot_be_restored_is_refused_with_what_can(
    options: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation()
    code, output = restore(simulation, monkeypatch, *options, "--yes")
    assert code == 1
    assert reason in output
    assert simulation.calls == ["list"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--at=yesterday"], "which is no time. Write it as '2026-11-24 21:00:00', which is UTC"),
        (["--at=2026-11-24", "--backup=x"], "set either AT, a time, or BACKUP"),
        (["--from=moon"], "FROM is 'moon'; it can be offsite only"),
    ],
)
def test_a_wrong_call_is_refused(
    options: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output = restore(Simulation(), monkeypatch, *options)
    assert code == 2
    assert reason in output


def test_a_part_that_does_not_run_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise click.ClickException("backup of the stack dev does not run. make up STACK=dev …")

    monkeypatch.setattr(backups, "part", away)
    result = CliRunner().invoke(main, ["restore", "--yes"])
    assert result.exit_code == 1
    assert "does not run. make up STACK=dev" in result.output
