"""Questions before a change, and their answers for machines."""

import sys
from types import SimpleNamespace

import click
import pytest

from operations import questions


def terminal(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(click, "prompt", lambda question: answer)
    monkeypatch.setattr(click, "confirm", lambda question: answer)


def test_a_yes_is_enough_to_agree_and_a_no_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal(monkeypatch, True)
    questions.confirm("End it?", yes=False)
    terminal(monkeypatch, False)
    with pytest.raises(click.ClickException, match="Nothing was changed"):
        questions.confirm("End it?", yes=False)


@pytest.mark.parametrize("name", ["acme/prod", "prod ", "dev", "1", "yes", ""])
def test_only_the_stacks_own_name_lets_it_go(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal(monkeypatch, "prod")
    questions.expect_stack_name("prod", "Type it", given=None)
    questions.expect_stack_name("prod", "Type it", given="prod")
    terminal(monkeypatch, name)
    for given in (None, name):
        with pytest.raises(click.ClickException, match=r"is prod, and not .*Nothing was changed"):
            questions.expect_stack_name("prod", "Type it", given=given)


def test_a_machine_must_give_the_name() -> None:
    with pytest.raises(click.UsageError, match="CONFIRM=prod") as refusal:
        questions.expect_stack_name("prod", "Type it", given=None)
    assert refusal.value.exit_code == 2
    assert "Nothing was changed" in refusal.value.message
