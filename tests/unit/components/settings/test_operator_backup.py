"""The settings of backups that CloudNativePG makes."""

from typing import Any

import pytest

from components.settings import Recover
from tests.unit.cases import BUCKET, LOGIN_AT_BUCKET
from tests.unit.components.settings.refusals import paths, refusal
from tests.unit.describing import KUBERNETES, settings

PHRASE = {"backup-passphrase": {"name": "vault-bucket", "key": "phrase"}}
VOLUME = {"reports": {"image": "acme/reports:1", "data_volume": {"path": "/srv/reports"}}}


def operated(
    secrets: dict[str, Any] | None = None, *, more: dict[str, Any] | None = None, **backup: Any
) -> dict[str, Any]:
    """A stack with a bucket, and with these settings of backups."""
    return {
        **KUBERNETES,
        "kubernetes": {"secrets": {**LOGIN_AT_BUCKET, **(secrets or {})}},
        "data": {"mode": "cloudnative-pg", "backup": {"offsite": BUCKET, **backup}},
        **(more or {}),
    }


def test_schedule_days_and_bucket_are_those_of_every_mode() -> None:
    values = operated(schedule="30 1 * * *", retention={"days": 30}, drill=False)
    assert paths(values) == []
    assert settings(values).data.built_in_backup is None


@pytest.mark.parametrize(
    ("backup", "path", "reason"),
    [
        ({"size": "60Gi"}, "size", "no value: the operator's backups have no volume"),
        ({"drill": "0 4 * * *"}, "drill", "a drill is a second stack that starts from the backup"),
        ({"retention": {"count": 3}}, "retention.count", "no value: the operator's plugin keeps"),
    ],
)
def test_what_the_operator_cannot_do_is_refused(
    backup: dict[str, Any], path: str, reason: str
) -> None:
    assert paths(operated(**backup)) == [f"data.backup.{path}"]
    assert reason in refusal(operated(**backup))


def test_production_sends_its_backups_over_tls_because_they_are_not_encrypted() -> None:
    plain = {**BUCKET, "endpoint": "http://s3.example.com"}
    assert paths(operated(offsite=plain)) == []
    production = {"production": True, "observability": {"receiver": "none"}}
    refused = operated(offsite=plain, more=production)
    assert paths(refused) == ["data.backup.offsite.endpoint"]
    assert "does not encrypt what it sends" in refusal(refused)
    assert paths(operated(more=production)) == []


def test_the_passphrase_is_required_for_files_alone() -> None:
    files = operated(offsite={**BUCKET, "files": True}, more={"api": {"services": VOLUME}})
    assert paths(files) == ["data.backup.offsite.passphrase"]
    given = operated(PHRASE, offsite={**BUCKET, "files": True}, more={"api": {"services": VOLUME}})
    assert paths(given) == []
    assert paths(operated(more={"api": {"services": VOLUME}})) == []
    assert paths(operated(offsite={**BUCKET, "files": True})) == []


def test_only_the_operator_has_its_settings() -> None:
    values = {"data": {"backup": {"operator": {"server_name": "second"}}}}
    assert paths(values) == ["data.backup.operator"]
    assert "only data.mode: cloudnative-pg has it" in refusal(values)


def recovering(**operator: Any) -> dict[str, Any]:
    return operated(operator=operator)


def test_a_new_cluster_writes_beside_the_backups_that_it_starts_from() -> None:
    source = {"server_name": "ai-platform-postgres"}
    assert paths(recovering(recover=source)) == ["data.backup.operator.server_name"]
    assert paths(recovering(recover=source, server_name="second")) == []


def test_a_recovery_has_a_moment_or_a_backup() -> None:
    both = {"server_name": "first", "at": "2026-11-24 21:00:00", "backup": "20261124T020000"}
    assert paths(recovering(recover=both)) == ["data.backup.operator.recover.backup"]


@pytest.mark.parametrize("at", ["2026-11-24 21:00:00", "2026-11-24T21:00:00Z"])
def test_a_moment_is_in_utc_and_says_so_to_the_operator(at: str) -> None:
    assert Recover(server_name="first", at=at).at == "2026-11-24T21:00:00Z"


@pytest.mark.parametrize(
    ("recover", "key"),
    [
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-11-31 21:00:00"}, "at"),
        ({"at": "2026-11-24 21:00:00+02:00"}, "at"),
        ({"backup": "ai-platform-postgres-20261124020000"}, "backup"),
        ({"server_name": "../first"}, "server_name"),
    ],
)
def test_a_wrong_source_is_refused(recover: dict[str, str], key: str) -> None:
    values = recovering(recover={"server_name": "first", **recover}, server_name="second")
    assert paths(values) == [f"data.backup.operator.recover.{key}"]
