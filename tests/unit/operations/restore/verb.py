"""Runs the verb `restore` on a simulated stack."""

import pytest
from click.testing import CliRunner

from operations import stack_file
from operations.__main__ import main
from operations.restore import live as live_stack
from tests.unit.operations.restore.simulation import NEW, WRITERS, Simulation, live


def restore(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch, *options: str, typed: str = ""
) -> tuple[int, str]:
    """The exit status and the output of the verb."""
    stack = live(simulation, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(live_stack, "of", lambda *_: stack)
        patch.setattr(stack_file, "open_stack", lambda _: stack.settings)
        result = CliRunner().invoke(main, ["restore", *options], input=typed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, " ".join(result.output.split())


def is_restored(simulation: Simulation) -> bool:
    """Whether everything is as after a restore that nothing interrupted."""
    return (
        simulation.rows == NEW
        and simulation.running == {"postgres", *WRITERS}
        and not simulation.marked
        and simulation.recovered is None
    )
