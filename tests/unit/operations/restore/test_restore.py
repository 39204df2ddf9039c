"""The verb `restore` on a simulated stack, also where it is interrupted."""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from operations.restore import lost, recovering, rest
from tests.unit.operations.restore.simulation import (
    OLD,
    WRITERS,
    Interrupted,
    SimulatedPart,
    Simulation,
)
from tests.unit.operations.restore.verb import is_restored, restore

FLOW = [
    "list",
    "note",
    "mark backend sales sales-tidy",
    "stop backend sales sales-tidy",
    "arrived",
    "recover --closed",
    "forget",
    "mark backend sales sales-tidy",
    "stop backend sales sales-tidy",
    "list",
    "open",
    "mark postgres",
    "stop postgres",
    "run postgres-restore",
    "start postgres",
    "unmark postgres",
    "set passwords",
    "set passwords",
    "discard",
    "run postgres-schema",
    "run postgres-databases",
    "run sales-release",
    *(f"{action} {name}" for name in WRITERS for action in ("start", "unmark")),
    "list",
    "now",
]

Restore = Callable[..., tuple[int, str]]


def test_writers_are_away_while_the_data_is_replaced_and_come_back_to_verified_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulation = Simulation()
    code, output = restore(simulation, monkeypatch, "--yes")
    assert code == 0, output
    assert simulation.calls == FLOW
    assert is_restored(simulation)
    assert "to the newest state" in output
    assert "stops backend, sales, sales-tidy" in output
    assert "loses nothing, if the server runs" in output
    assert "platform public.decisions 3" in output
    assert "pgdata.before-20261130T215900Z, 2.0 MB" in output


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(2, len(FLOW) + 1))
def test_the_next_restore_finishes_one_that_was_interrupted_anywhere(
    call: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation(interrupt=call, after=after)
    with pytest.raises(Interrupted):
        restore(simulation, monkeypatch, "--yes")
    code, output = restore(simulation, monkeypatch, "--yes")
    assert code == 0, output
    assert is_restored(simulation)


def test_the_newest_state_is_recovered_when_nothing_writes_and_all_of_it_has_arrived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulation = Simulation(unarrived=3)
    assert restore(simulation, monkeypatch, "--yes")[0] == 0
    assert simulation.wrote_meanwhile == []
    assert simulation.calls.count("arrived") == 4
    moment = Simulation()
    assert restore(moment, monkeypatch, "--at=2026-11-25 20:00:00", "--yes")[0] == 0
    assert moment.wrote_meanwhile == [*WRITERS]


def test_a_log_that_does_not_arrive_does_not_hold_up_a_restore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recovering, "ARRIVES", 0)
    simulation = Simulation(unarrived=9)
    code, output = restore(simulation, monkeypatch, "--yes")
    assert code == 0
    assert "not after 0 s: the rest stays in the data that is set aside" in output
    assert is_restored(simulation)


def test_what_writes_goes_on_where_nothing_could_be_recovered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulation = Simulation(fails=True)
    code, output = restore(simulation, monkeypatch, "--yes")
    assert code == 1
    assert "the backup is damaged" in output
    assert simulation.running == {"postgres", *WRITERS}
    assert not simulation.marked
    assert not simulation.begun
    assert simulation.rows == OLD


def test_recovered_data_is_not_the_newest_once_something_writes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulation = Simulation(recovered={"id": "r0", "target": "the latest state"})
    assert restore(simulation, monkeypatch, "--yes")[0] == 0
    assert simulation.cloned == "r1"


def test_data_that_came_back_is_not_replaced_again_while_services_already_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulation = Simulation(interrupt=FLOW.index("start sales") + 1)
    with pytest.raises(Interrupted):
        restore(simulation, monkeypatch, "--yes")
    simulation.calls.clear()
    simulation.interrupt = 0
    code, output = restore(simulation, monkeypatch, "--backup=20261124T020000", "--yes")
    assert code == 0
    assert "Still stopped: sales, sales-tidy" in output
    assert "recover --backup 20261124T020000 --closed" not in simulation.calls
    assert is_restored(simulation)


def test_a_wish_for_another_time_gives_up_the_interrupted_restore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulation = Simulation(interrupt=FLOW.index("forget") + 1)
    with pytest.raises(Interrupted):
        restore(simulation, monkeypatch, "--yes")
    simulation.calls.clear()
    simulation.interrupt = 0
    _, output = restore(simulation, monkeypatch, "--at=2026-11-25 20:00:00", "--yes")
    assert "gives up the interrupted restore to the latest state" in output
    assert "recover --at 2026-11-25T20:00:00+00:00 --closed" in simulation.calls
    assert is_restored(simulation)


def test_nothing_changes_before_the_user_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = Simulation()
    code, output = restore(simulation, monkeypatch)
    assert code == 2
    assert "There is no terminal to answer on. Nothing was changed." in output
    assert simulation.calls == ["list"]


def test_rows_that_differ_keep_the_writers_away(monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = Simulation(lost_rows=1)
    code, output = restore(simulation, monkeypatch, "--yes")
    assert code == 1
    assert "platform, public.decisions: 2 instead of 3" in output
    assert simulation.running == {"postgres"}
    assert simulation.recovered


def test_a_server_whose_step_did_not_reach_the_backup_part_starts_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulation = Simulation(unreached=1)
    assert restore(simulation, monkeypatch, "--yes")[0] == 0
    assert simulation.calls.count("run postgres-restore") == 2
    assert is_restored(simulation)

    unreachable = Simulation(unreached=9)
    code, output = restore(unreachable, monkeypatch, "--yes")
    assert code == 1
    assert "started 3 times without the recovered data" in output
    assert unreachable.rows == OLD


def test_a_server_that_is_gone_is_created_again_before_anything_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulation = Simulation(exists=False)
    simulation.running.discard("postgres")

    def create_again(_: Any) -> None:
        assert simulation.running == set()
        simulation.start_server()
        simulation.running.add("postgres")

    monkeypatch.setattr(lost, "create_again", create_again)
    assert restore(simulation, monkeypatch, "--yes")[0] == 0
    assert is_restored(simulation)


def test_backups_go_on_with_a_server_of_another_system_identifier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulation = Simulation(other_system=True)
    assert restore(simulation, monkeypatch, "--yes")[0] == 0
    assert simulation.calls[-4:] == ["list", "adopt", "list", "now"]


def test_the_base_backup_that_the_part_makes_by_itself_is_awaited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rest, "BY_ITSELF", 60)
    simulation = Simulation(backs_up=True)
    code, output = restore(simulation, monkeypatch, "--yes")
    assert code == 0
    assert "Base backup of the restored server 20261130T220000" in output
    assert "now" not in simulation.calls


MISSING = "the state of 2026-11-25 20:00:00; then the WAL file 0000000100000002 is missing"


@pytest.mark.parametrize("source", ["", "--from=offsite"])
def test_a_newest_state_whose_log_has_a_hole_replaces_nothing_without_a_further_yes(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation(target=MISSING)
    code, output = restore(simulation, monkeypatch, "--yes", *filter(None, [source]))
    assert code == 1
    assert f"the newest state cannot be restored. What can be is {MISSING}." in output
    assert simulation.rows == OLD
    assert simulation.running == {"postgres", *WRITERS}
    assert simulation.recovered is None
    assert not simulation.begun


def test_plain_restore_does_not_go_on_with_one_to_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = {"id": "r0", "target": "2026-11-25T20:00:00+00:00"}
    simulation = Simulation(recovered=moment)
    code, output = restore(simulation, monkeypatch, "--yes")
    assert code == 1
    assert "to 2026-11-25 20:00:00 UTC was interrupted. Nothing was changed." in output
    assert simulation.recovered == moment
    assert {*simulation.calls} <= {"list"}
    assert restore(simulation, monkeypatch, "--at=2026-11-25 20:00:00", "--yes")[0] == 0
    assert is_restored(simulation)


def test_a_base_backup_that_has_to_wait_does_not_fail_a_restore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def busy(_: SimulatedPart) -> None:
        raise subprocess.CalledProcessError(1, ["backup"], "", "`backup now` runs already")

    monkeypatch.setattr(SimulatedPart, "_now", busy)
    simulation = Simulation()
    code, output = restore(simulation, monkeypatch, "--yes")
    assert code == 0, output
    assert "not yet: `backup now` runs already" in output
    assert is_restored(simulation)
