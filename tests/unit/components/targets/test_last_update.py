"""The state is read while the engine may be writing it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from components.stack_name import name_in_commands
from components.targets import last_update

BUSY = Exception(f"invoke of x failed: {last_update.BEING_WRITTEN}")
ANSWER = SimpleNamespace(value={"outputs": {"urn": {"outputs": {"name": "redis"}}}})


@pytest.fixture
def answers() -> Iterator[list[Any]]:
    """The engine's answers in order; an exception is raised."""
    answers: list[Any] = []
    with (
        patch("pulumi.runtime.invoke", side_effect=lambda *_: _next(answers)),
        patch("pulumi.get_stack", lambda: "dev"),
        patch("pulumi.get_organization", lambda: "organization"),
        patch("time.sleep"),
    ):
        yield answers


def _next(answers: list[Any]) -> Any:
    answer = answers.pop(0)
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_a_state_that_is_being_written_is_read_again(answers: list[Any]) -> None:
    answers += [BUSY, BUSY, ANSWER]
    assert last_update.outputs() == {"urn": {"name": "redis"}}


def test_a_state_that_stays_unreadable_fails(answers: list[Any]) -> None:
    answers += [BUSY] * last_update.TRIES
    with pytest.raises(Exception, match=last_update.BEING_WRITTEN):
        last_update.outputs()
    assert answers == []


def test_another_error_is_not_retried(answers: list[Any]) -> None:
    answers += [Exception("failed to load checkpoint: permission denied"), ANSWER]
    with pytest.raises(Exception, match="permission denied"):
        last_update.outputs()
    assert answers == [ANSWER]


@pytest.mark.parametrize(
    ("organisation", "name", "in_commands"),
    [
        ("acme", "acme/ai-platform/dev", "acme/dev"),
        ("organization", "dev", "dev"),
        ("", "dev", "dev"),
    ],
    ids=["Pulumi Cloud", "files", "an engine that names none"],
)
def test_the_state_is_that_of_the_stacks_own_organisation(
    organisation: str, name: str, in_commands: str
) -> None:
    """Without it, the engine would read a stack of the same name of the user's own."""
    with (
        patch("pulumi.get_organization", lambda: organisation),
        patch("pulumi.get_project", lambda: "ai-platform"),
        patch("pulumi.get_stack", lambda: "dev"),
        patch("pulumi.runtime.invoke", return_value=ANSWER) as invoke,
    ):
        last_update.outputs()
        assert name_in_commands() == in_commands
    invoke.assert_called_once_with("pulumi:pulumi:readStackResourceOutputs", {"stackName": name})
