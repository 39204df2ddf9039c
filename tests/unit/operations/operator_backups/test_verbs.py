"""The verbs that make, list and rehearse backups, where CloudNativePG makes them."""

from datetime import UTC, datetime
from typing import Any

import click
import pytest
from kubernetes.client import ApiException

from operations import backup as verbs_of_all
from operations import last_backup, stack_file
from operations.operator_backups import verbs
from operations.workspace import Workspace
from tests.unit.operations.operator_backups.cluster_objects import NAME, Api, backup, completed
from tests.unit.operations.operator_backups.conftest import Stacks

WINDOW = {
    NAME: {
        "status": {
            "serverRecoveryWindow": {NAME: {"firstRecoverabilityPoint": "2026-11-20T02:01:00Z"}}
        }
    }
}


def archiving(status: str, message: str) -> dict[str, Any]:
    condition = {"type": "ContinuousArchiving", "status": status, "message": message}
    ready = {"type": "Ready", "status": "True", "message": "Cluster is Ready"}
    return {NAME: {"metadata": {"uid": "c-1"}, "status": {"conditions": [ready, condition]}}}


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_backup_is_asked_for_and_waited_for(
    stacks: Stacks, capsys: pytest.CaptureFixture[str]
) -> None:
    stacks.api.answers = [
        {**backup("new-24", "completed"), "status": {}},
        backup("new-24", "running", startedAt="2026-11-24T02:00:03Z"),
        backup("new-24", "running", startedAt="2026-11-24T02:00:03Z"),
        completed(24),
    ]
    verbs_of_all.backup("prod")
    (created,) = stacks.api.created
    name = created["metadata"].pop("name")
    assert name.startswith(f"{NAME}-{datetime.now(UTC):%Y}")
    assert created == {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Backup",
        "metadata": {
            "ownerReferences": [
                {
                    "apiVersion": "postgresql.cnpg.io/v1",
                    "kind": "Cluster",
                    "name": NAME,
                    "uid": "c-1",
                }
            ]
        },
        "spec": {
            "cluster": {"name": NAME},
            "method": "plugin",
            "pluginConfiguration": {"name": "barman-cloud.cloudnative-pg.io"},
        },
    }
    output = words(capsys.readouterr().out)
    assert "state new state running state completed id 20261124T020003" in output
    assert "duration 1 min 10 s" in output
    assert "log 00000001000000000000000A to 00000001000000000000000B" in output
    assert "make restore STACK=prod INTO=new BACKUP=20261124T020003" in output


def test_a_backup_that_fails_says_why(stacks: Stacks) -> None:
    stacks.api.answers = [backup("new-24", "failed", error="no such bucket")]
    with pytest.raises(click.ClickException, match="is failed: no such bucket"):
        verbs_of_all.backup("prod")


def test_a_backup_that_does_not_begin_is_not_waited_for(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "PATIENCE", -1)
    stacks.api.answers = [backup("new-24", "walArchivingFailing")]
    with pytest.raises(click.ClickException, match=r"is walArchivingFailing\. It has not begun"):
        verbs_of_all.backup("prod")


def test_a_backup_needs_a_cluster(stacks: Stacks) -> None:
    stacks.api.clusters = {}
    with pytest.raises(click.ClickException, match="has no cluster ai-platform-postgres"):
        verbs_of_all.backup("prod")
    assert stacks.api.created == []


def test_the_backups_of_the_cluster_are_listed_with_the_newest_first(
    stacks: Stacks, capsys: pytest.CaptureFixture[str]
) -> None:
    stacks.api.stores = WINDOW
    stacks.api.clusters = archiving("True", "Continuous archiving is working")
    stacks.api.backups = [
        completed(23),
        backup(f"{NAME}-25", "failed", error="exit status 2"),
        completed(24),
        {**completed(26), "spec": {"cluster": {"name": "other"}}},
    ]
    assert verbs_of_all.list_backups("prod")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == [
        "none",
        "20261124T020003",
        "20261123T020003",
    ]
    assert lines[1].split()[-1] == "failed"
    assert "2026-11-24 02:00:03" in lines[2]
    assert "1 min 10 s" in lines[2]
    rest = words(" ".join(lines[4:]))
    assert "newest failed: exit status 2" in rest
    assert "any second since 2026-11-20 02:01:00 UTC" in rest
    assert "reaches the bucket: Continuous archiving is working" in rest


@pytest.mark.parametrize(
    ("clusters", "backups", "reason"),
    [
        (archiving("False", "unexpected failure"), [completed(24)], "does not reach the bucket"),
        ({NAME: {"metadata": {"uid": "c-1"}}}, [completed(24)], "has not said it yet"),
        (archiving("True", "works"), [backup(f"{NAME}-24", "running")], "make backup STACK=prod"),
    ],
)
def test_what_is_not_well_is_said(
    stacks: Stacks,
    clusters: dict[str, Any],
    backups: list[dict[str, Any]],
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stacks.api.clusters, stacks.api.backups = clusters, backups
    assert not verbs_of_all.list_backups("prod")
    assert reason in words(capsys.readouterr().out)


def test_a_drill_is_a_second_stack(stacks: Stacks) -> None:
    with pytest.raises(click.ClickException, match="make restore STACK=prod INTO=rehearsal"):
        verbs_of_all.drill("prod")


def test_a_purge_hears_of_the_newest_backup_and_that_nothing_verifies_it(stacks: Stacks) -> None:
    workspace = Workspace.of("prod")
    settings = stack_file.settings(workspace)
    last = last_backup.find(workspace, settings)
    assert str(last) == "CloudNativePG has made no base backup of this stack."
    stacks.api.backups = [completed(24)]
    last = last_backup.find(workspace, settings)
    assert str(last).startswith("CloudNativePG's newest base backup, 20261124T020003, ended ")
    assert "make restore STACK=prod INTO=rehearsal" in str(last)
    assert not last.suffices


def test_missing_rights_or_kinds_are_one_sentence(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(self: Api, *path: str, **options: Any) -> dict[str, Any]:
        raise ApiException(status=403, reason="Forbidden")

    monkeypatch.setattr(Api, "list_namespaced_custom_object", forbid)
    with pytest.raises(click.ClickException, match="403 Forbidden when asked about backups of"):
        verbs_of_all.list_backups("prod")
