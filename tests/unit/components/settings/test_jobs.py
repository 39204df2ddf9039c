"""The step of a service for each release, and its jobs on a schedule."""

from typing import Any

import pytest

from tests.unit.components.settings.refusals import REPORTS, paths_on_both, refusal, service

CLEANUP = {"schedule": "0 3 * * *", "command": ["python", "-m", "app.cleanup"]}


def named(name: str, **config: Any) -> list[str]:
    return paths_on_both(service(name, **config))


@pytest.mark.parametrize("command", [[], [""], [" ", "x"]], ids=["empty", "no program", "spaces"])
def test_a_command_starts_with_a_program(command: list[str]) -> None:
    assert paths_on_both(service(release={"command": command})) == [f"{REPORTS}.release.command"]
    job = {"jobs": {"cleanup": CLEANUP | {"command": command}}}
    assert paths_on_both(service(**job)) == [f"{REPORTS}.jobs.cleanup.command"]


def test_a_wrong_schedule_is_refused_with_the_field() -> None:
    text = refusal(service(jobs={"cleanup": CLEANUP | {"schedule": "0 25 * * *"}}))
    assert f"{REPORTS}.jobs.cleanup.schedule" in text
    assert "in the hour, `25` is not" in text


@pytest.mark.parametrize("job", ["Cleanup", "-cleanup", "clean_up", "", "release", "x" * 33])
def test_a_job_has_a_name_that_objects_may_have(job: str) -> None:
    assert paths_on_both(service(jobs={job: CLEANUP})) == [f"{REPORTS}.jobs.{job}"]


def test_the_names_of_a_service_and_its_job_have_40_characters_together() -> None:
    assert named("reports", jobs={"x" * 32: CLEANUP}) == []
    assert named("r" * 32, release={"command": ["migrate"]}) == []
    assert named("r" * 33, release={"command": ["migrate"]}) == [f"api.services.{'r' * 33}.release"]
