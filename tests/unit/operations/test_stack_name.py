"""The names of stacks that verbs accept, with and without an organisation."""

import pytest
from click.testing import CliRunner

from operations import stack_name
from operations.__main__ import main
from operations.workspace import ROOT, Workspace, data_directory


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("prod", "prod"),
        ("acme/prod", "acme/prod"),
        ("acme/ai-platform/prod", "acme/prod"),
        ("organization/ai-platform/prod-eu", "organization/prod-eu"),
    ],
)
def test_a_name_may_have_an_organisation_and_this_project(text: str, name: str) -> None:
    assert stack_name.parsed(text) == name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("acme/", "'acme/' is not a valid stack name"),
        ("/prod", "an organisation has letters, digits, dashes and underscores"),
        ("../prod", "an organisation has letters, digits, dashes and underscores"),
        ("acme\n/prod", "an organisation has letters"),
        ("acme/..", "is not a valid stack name"),
        ("acme/other/prod", "use NAME, ORGANISATION/NAME or ORGANISATION/ai-platform/NAME"),
        ("a/ai-platform/b/c", "use NAME, ORGANISATION/NAME or ORGANISATION/ai-platform/NAME"),
    ],
)
def test_another_name_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="is not a valid stack name") as refusal:
        stack_name.parsed(text)
    assert reason in str(refusal.value)


def test_a_verb_refuses_a_stack_of_another_project() -> None:
    result = CliRunner().invoke(main, ["status", "--stack=acme/other/prod"])
    assert result.exit_code == 2
    assert "ORGANISATION/ai-platform/NAME" in " ".join(result.output.split())


def test_stacks_of_organisations_share_a_stack_file_and_have_their_own_working_copies() -> None:
    of_acme, own = Workspace.of("acme/prod"), Workspace.of("prod")
    assert of_acme.config == own.config == ROOT / "Pulumi.prod.yaml"
    assert (of_acme.stack, of_acme.name) == ("acme/prod", "prod")
    assert of_acme.directory == data_directory() / "work" / "acme+prod"
    assert own.directory == data_directory() / "work" / "prod"
