"""Workflows for pull requests: their actions are pinned, their time is limited, and they have no
permissions or secrets."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.describing import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PULL_REQUEST = ROOT / ".github" / "workflows" / "pull-request.yml"
DEPLOYED = ROOT / ".github" / "workflows" / "deployed.yml"


def read(path: Path) -> dict[Any, Any]:
    plain: dict[Any, Any] = yaml.safe_load(path.read_text())
    return plain


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def commands(path: Path) -> list[str]:
    return [step["run"] for step in steps(path) if "run" in step]


def named(path: Path) -> str:
    return path.name


every = pytest.mark.parametrize("workflow", WORKFLOWS, ids=named)


def test_there_is_a_workflow_for_pull_requests_and_one_for_deployed_stacks() -> None:
    assert WORKFLOWS == [DEPLOYED, PULL_REQUEST]


@every
def test_every_action_is_pinned_by_its_commit_with_its_version(
    workflow: Path,
) -> None:
    used = re.findall(r"uses: (.+)$", workflow.read_text(), re.MULTILINE)
    assert used
    for action in used:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


@every
def test_it_may_only_read_the_repository(workflow: Path) -> None:
    assert read(workflow)["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in read(workflow)["jobs"].values())
    checkouts = [step for step in steps(workflow) if "checkout" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@every
def test_it_runs_with_the_permissions_of_the_pull_request(
    workflow: Path,
) -> None:
    # YAML 1.1 reads the key `on` as true.
    assert read(workflow)[True] == {"pull_request": None}


@every
def test_every_job_has_a_timeout_and_a_newer_push_cancels_the_older_run(workflow: Path) -> None:
    assert all(job["timeout-minutes"] <= 30 for job in read(workflow)["jobs"].values())
    assert read(workflow)["concurrency"]["cancel-in-progress"] is True


@every
def test_no_text_of_a_contributor_becomes_part_of_a_command(workflow: Path) -> None:
    """The shell would run a title or a branch's name in a command."""
    assert [command for command in commands(workflow) if "${{" in command] == []


@every
def test_every_command_is_a_verb_of_the_makefile(workflow: Path) -> None:
    verbs = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {word for text in commands(workflow) for word in re.findall(r"^make ([\w-]+)", text)}
    assert called
    assert called <= verbs


def test_it_runs_the_tests_and_shows_the_plans_of_both_stacks() -> None:
    assert "make test" in commands(PULL_REQUEST)
    (plan,) = [command for command in commands(PULL_REQUEST) if command.startswith("make plan")]
    assert plan == 'make plan BASE=HEAD^1 STACKS="dev prod" SUMMARY="$GITHUB_STEP_SUMMARY"'


def test_the_base_is_available_for_comparison() -> None:
    """The first parent of the checked-out merge commit, which a depth of one does not contain."""
    job = read(PULL_REQUEST)["jobs"]["plan"]
    (checkout,) = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert checkout["with"]["fetch-depth"] == 2


def test_a_pull_request_needs_no_secret_and_no_cluster() -> None:
    text = PULL_REQUEST.read_text()
    assert not re.search(r"\bsecrets\b|\bvars\b|KUBECONFIG|environment:", text)


def test_deployed_stacks_are_compared_only_with_a_backend_and_never_for_a_fork() -> None:
    (job,) = read(DEPLOYED)["jobs"].values()
    assert "vars.PULUMI_BACKEND_URL != ''" in job["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]
    assert job["environment"] == "plan"
    assert commands(DEPLOYED) == ['make plan DEPLOYED=1 STACKS=prod SUMMARY="$GITHUB_STEP_SUMMARY"']
    assert "KUBECONFIG" not in DEPLOYED.read_text()
