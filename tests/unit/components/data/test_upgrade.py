"""While an upgrade is under way, a job copies the data beside the server that still runs."""

from typing import Any

import pulumi
import pytest

from components.data import builtin, upgrade
from components.settings import Upgrade, of_version, under_way
from tests.unit.describing import KUBERNETES, catalogue, settings
from tests.unit.rendering import Rendered, render

MOVE = Upgrade(before=15, to=17, run="20261130T2230")
SEVENTEEN: dict[str, Any] = {"data": {"version": 17}}


@pytest.fixture
def copying(monkeypatch: pytest.MonkeyPatch) -> None:
    (name,) = MOVE.variables
    monkeypatch.setenv(name, MOVE.variables[name])


def test_the_program_reads_what_the_verb_asks_for() -> None:
    assert under_way(MOVE.variables) == MOVE
    assert under_way({}) is None


def test_the_job_has_a_server_of_the_new_version_for_itself() -> None:
    job = upgrade.job(settings(), catalogue(), MOVE)
    newer = builtin.postgres(of_version(settings(), 17), catalogue())
    assert job.image == catalogue(SEVENTEEN).image("postgres")
    assert job.command == newer.command
    assert job.ports == ()
    assert job.reaches == (builtin.SERVER,)
    (volume,) = job.volumes
    assert (volume.stored_as, volume.path, volume.size) == (
        "postgres-17",
        newer.volumes[0].path,
        settings().data.size,
    )
    # A half copy must not be protected, and no server may take it for data.
    assert (volume.keep, volume.format) == (False, None)
    # The verb begins again by itself, and a copy may take long.
    assert (job.retries, job.limit) == (0, upgrade.DAY)


def test_each_run_of_the_verb_copies_again() -> None:
    first, second = (
        upgrade.job(settings(), catalogue(), Upgrade(before=15, to=17, run=run))
        for run in ("1", "2")
    )
    assert first.env != second.env


@pytest.mark.usefixtures("copying")
def test_the_stack_stays_as_it_is_beside_the_job() -> None:
    stack = render(SEVENTEEN)
    names = set(stack.containers())
    images = stack.outputs["images"]
    assert images["postgres"] == images["postgres-schema"] == "postgres:15.20-bookworm"
    assert images[upgrade.JOB] == "postgres:17.12-trixie"
    volumes = {name: item.protect for name, item in stack.of_type("Volume").items()}
    assert (volumes["volume-postgres"], volumes["volume-postgres-17"]) == (True, False)
    assert stack.components["data"]["formats"] == {"postgres": "PostgreSQL 15"}
    assert names - set(_without_upgrade().containers()) == {upgrade.JOB}


@pytest.mark.usefixtures("copying")
def test_it_needs_nothing_but_the_server_on_a_cluster_too() -> None:
    stack = render({**KUBERNETES, **SEVENTEEN})
    claims = {name: item.protect for name, item in stack.of_type("PersistentVolumeClaim").items()}
    assert (claims["postgres"], claims["postgres-17"]) == (True, False)
    assert upgrade.JOB in stack.of_type("Job")
    assert upgrade.JOB in stack.of_type("NetworkPolicy")


@pytest.mark.usefixtures("copying")
def test_a_stack_file_with_another_version_than_the_verbs_is_refused() -> None:
    with pytest.raises(pulumi.RunError, match=r"data\.version is 15 and not 17"):
        render({})


def _without_upgrade() -> Rendered:
    with pytest.MonkeyPatch.context() as patch:
        for name in MOVE.variables:
            patch.delenv(name, raising=False)
        return render({})
