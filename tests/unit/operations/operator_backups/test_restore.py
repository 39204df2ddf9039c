"""A new cluster of CloudNativePG starts from a backup; one that exists is not restored in place."""

from typing import Any

import click
import pytest

from operations import database_server
from operations.operator_backups import restore as verb
from operations.restore import restore, rows
from operations.workspace import Workspace
from tests.unit.cases import BUCKET
from tests.unit.operations.operator_backups.cluster_objects import NAME
from tests.unit.operations.operator_backups.conftest import Stacks

AT = "2026-11-24 21:00:00"


@pytest.fixture
def ups(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that start or refresh a stack. Every stack that the state knows has resources."""
    calls: list[str] = []

    def pulumi(workspace: Workspace, *arguments: str, **options: Any) -> None:
        calls.append(f"{arguments[0]} {workspace.stack}")

    monkeypatch.setattr(Workspace, "prepare", lambda workspace: False)
    monkeypatch.setattr(Workspace, "pulumi", pulumi)
    monkeypatch.setattr(
        Workspace, "resources", lambda workspace: {"urn": {}} if workspace.stack == "prod" else {}
    )
    monkeypatch.setattr(verb, "up", lambda stack, yes: calls.append(f"up {stack} {yes}"))
    monkeypatch.setattr(database_server, "of", lambda workspace, settings: None)
    monkeypatch.setattr(rows, "present", lambda server: {("platform", "public.decisions"): 4})
    return calls


def refusal(stack: str = "prod", **wish: Any) -> str:
    with pytest.raises(click.ClickException) as error:
        restore(stack, yes=True, **wish)
    return error.value.message


def recover(server: str = NAME, **more: str) -> dict[str, Any]:
    return {"server_name": "second", "recover": {"server_name": server, **more}}


def test_a_cluster_that_runs_is_not_restored_in_place(ups: list[str]) -> None:
    message = refusal(at=AT)
    assert ups == []
    assert "does not restore in place" in message
    assert "make restore STACK=prod INTO=another" in message
    assert message.endswith(
        "2. Write into Pulumi.prod.yaml:\n"
        "  ai-platform:data:\n"
        "    backup:\n"
        "      operator:\n"
        "        server_name: ai-platform-postgres-2\n"
        "        recover:\n"
        "          server_name: ai-platform-postgres\n"
        '          at: "2026-11-24T21:00:00Z"\n'
        "3. kubectl -n ai-platform delete clusters.postgresql.cnpg.io ai-platform-postgres\n"
        "4. make restore STACK=prod"
    )


def test_the_lines_to_write_are_settings_that_are_accepted(stacks: Stacks, ups: list[str]) -> None:
    import yaml

    lines = refusal(backup="20261124T020003").partition("yaml:\n")[2].partition("3. ")[0]
    operator = yaml.safe_load(lines)["ai-platform:data"]["backup"]["operator"]
    stacks.write(operator=operator)
    stacks.api.clusters = {}
    restore("prod", backup="20261124T020003", yes=True)
    assert ups == ["refresh prod", "up prod True"]


def test_a_lost_cluster_starts_from_the_bucket_as_its_file_says(
    stacks: Stacks, ups: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    stacks.api.clusters = {}
    stacks.write(operator=recover(at=AT))
    restore("prod", source="offsite", yes=True)
    # The state still has the cluster, which the refresh forgets.
    assert ups == ["refresh prod", "up prod True"]
    output = " ".join(capsys.readouterr().out.split())
    assert "from the state of 2026-11-24T21:00:00Z of the cluster that archives as" in output
    assert "platform public.decisions 4" in output


@pytest.mark.parametrize(
    ("operator", "wish"),
    [
        (None, {}),
        (recover(at=AT), {"at": "2026-11-24 22:00:00"}),
        (recover(at=AT), {"backup": "20261124T020003"}),
    ],
    ids=["nothing", "another moment", "a backup"],
)
def test_a_lost_cluster_needs_a_file_that_says_what_it_starts_from(
    stacks: Stacks, ups: list[str], operator: dict[str, Any] | None, wish: dict[str, str]
) -> None:
    stacks.api.clusters = {}
    stacks.write(operator=operator)
    assert "Pulumi.prod.yaml does not say" in refusal(**wish)
    assert ups == []


def test_a_file_of_an_earlier_restore_does_not_bring_old_data_back(
    stacks: Stacks, ups: list[str]
) -> None:
    """The cluster that was lost had archived as `second`, since it started from the first one."""
    stacks.api.clusters = {}
    stacks.api.stores = {NAME: {"status": {"serverRecoveryWindow": {NAME: {}, "second": {}}}}}
    stacks.write(operator=recover())
    message = refusal()
    assert "server_name: second-2" in message
    assert message.endswith("recover:\n          server_name: second")
    assert ups == []


def test_a_new_stack_starts_from_the_backups_of_another(stacks: Stacks, ups: list[str]) -> None:
    stacks.api.clusters = {}
    stacks.write("look", operator=recover(at=AT))
    restore("prod", at=AT, into="look", yes=True)
    assert ups == ["up look True"]


def test_a_new_stack_needs_a_file_that_names_the_other_ones_backups(
    stacks: Stacks, ups: list[str]
) -> None:
    stacks.api.clusters = {}
    stacks.write("look", operator=recover("third"))
    message = refusal(into="look")
    assert "Pulumi.look.yaml does not say" in message
    assert message.endswith(
        "        server_name: second\n        recover:\n          server_name: ai-platform-postgres"
    )
    assert ups == []


def test_a_new_stack_is_not_up_yet(stacks: Stacks, ups: list[str]) -> None:
    stacks.write("look", operator=recover())
    assert "the stack look has a cluster already" in refusal(into="look")
    assert ups == []


def test_both_stacks_have_one_bucket(stacks: Stacks, ups: list[str]) -> None:
    stacks.write("look", bucket={**BUCKET, "prefix": "other"}, operator=recover())
    assert "is not the bucket of prod" in refusal(into="look")
    (stacks.directory / "Pulumi.look.yaml").write_text("config: {ai-platform:target: docker}\n")
    assert "look has no bucket with CloudNativePG's backups" in refusal(into="look")
    assert ups == []


def test_it_asks_first(stacks: Stacks, ups: list[str]) -> None:
    stacks.api.clusters = {}
    stacks.write(operator=recover())
    with pytest.raises(click.UsageError, match=r"Start the stack prod from it\?"):
        restore("prod")
    assert ups == []
