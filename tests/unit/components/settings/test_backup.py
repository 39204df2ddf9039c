"""The settings of backups."""

from typing import Any

import pytest

from components.settings import Backup
from tests.unit.components.settings.refusals import SERVER, paths, refusal
from tests.unit.describing import KUBERNETES, settings

BUCKET = {
    "endpoint": "https://s3.example.com",
    "bucket": "acme",
    "access_key": "key",
    "secret_key": "secret",
    "passphrase": "phrase",
}


def backup(**values: Any) -> dict[str, Any]:
    return {"data": {"size": "10Gi", "backup": values}}


def offsite(**values: Any) -> dict[str, Any]:
    return backup(offsite={**BUCKET, **values})


@pytest.mark.parametrize("data", [{}, {"backup": None}, {"backup": {}}])
def test_backups_are_made_unless_the_stack_file_writes_false(data: dict[str, Any]) -> None:
    assert settings({"data": data}).data.built_in_backup == Backup()
    assert settings({"data": {"backup": False}}).data.built_in_backup is None


def test_true_is_no_setting_of_backups() -> None:
    assert "a mapping, or `false`" in refusal({"data": {"backup": True}})


def test_drills_run_daily_in_production_and_weekly_elsewhere_unless_the_settings_say_when() -> None:
    assert Backup().drills(in_production=True) == "0 4 * * *"
    assert Backup().drills(in_production=False) == "0 4 * * 0"
    assert Backup(drill="0 1 * * 1").drills(in_production=True) == "0 1 * * 1"
    assert Backup(drill=False).drills(in_production=True) is None


def test_the_volume_of_backups_is_five_times_the_databases_and_at_least_three_times() -> None:
    assert Backup().volume("10Gi") == "51200Mi"
    assert Backup(size="40Gi").volume("10Gi") == "40Gi"
    assert paths(backup(size="30Gi")) == []
    assert refusal(backup(size="29Gi")).endswith(
        "data.backup.size\n"
        "  found    '29Gi'\n"
        "  allowed  at least 30720Mi, 3 times data.size: two base backups, and room to restore one"
    )


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"schedule": "daily"}, "schedule"),
        ({"drill": True}, "drill"),
        ({"drill": "0 4 * *"}, "drill"),
        ({"retention": {"days": 0}}, "retention.days"),
        ({"retention": {"count": 0}}, "retention.count"),
        ({"size": "40GB"}, "size"),
    ],
)
def test_a_wrong_value_is_refused(values: dict[str, Any], path: str) -> None:
    assert paths(backup(**values)) == [f"data.backup.{path}"]


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"endpoint": "s3.example.com"}, "endpoint"),
        ({"endpoint": "https://s3.example.com/acme"}, "endpoint"),
        ({"endpoint": "https://user:pass@s3.example.com"}, "endpoint"),
        ({"bucket": "Acme"}, "bucket"),
        ({"bucket": "acme/prod"}, "bucket"),
        ({"prefix": "/prod"}, "prefix"),
        ({"prefix": "prod/"}, "prefix"),
        ({"prefix": "prod/../dev"}, "prefix"),
        ({"region": "Europe"}, "region"),
        ({"ca": "MII"}, "ca"),
        ({"schedule": "@hourly"}, "schedule"),
    ],
)
def test_a_wrong_bucket_is_refused(values: dict[str, Any], key: str) -> None:
    assert paths(offsite(**values), ("data",)) == [f"data.backup.offsite.{key}"]


def test_a_bucket_may_have_everything() -> None:
    more = {"prefix": "ai-platform/prod", "region": "eu-central-1", "schedule": "*/5 * * * *"}
    assert paths(offsite(**more, ca="-----BEGIN CERTIFICATE-----\nMII\n"), ("data",)) == []


@pytest.mark.parametrize("key", ["access_key", "secret_key", "passphrase"])
def test_the_secrets_of_a_bucket_are_given_once_and_never_generated(key: str) -> None:
    name = f"backup-{key.replace('_', '-')}"
    cluster = {**KUBERNETES, "kubernetes": {"secrets": {name: {"name": "vault", "key": "value"}}}}
    cidrs = ["198.51.100.0/24"]
    assert paths(offsite(**{key: None}), ("data",)) == [f"data.backup.offsite.{key}"]
    assert paths({**cluster, **offsite(**{key: None}, cidrs=cidrs)}, ("data",)) == []
    both = {**cluster, **offsite(cidrs=cidrs)}
    assert paths(both, ("data",)) == [f"data.backup.offsite.{key}"]


def test_a_cluster_needs_the_addresses_of_the_bucket() -> None:
    assert paths({**KUBERNETES, **offsite()}, ("data",)) == ["data.backup.offsite.cidrs"]


def test_whoever_runs_an_external_server_makes_its_backups() -> None:
    def external(backup: Any) -> dict[str, Any]:
        return {"data": {"mode": "external", "external": SERVER, "backup": backup}}

    assert paths(external({"retention": {"days": 3}}), ("data",)) == ["data.backup"]
    for none in (False, None):
        assert paths(external(none), ("data",)) == []
        assert settings(external(none), secret=("data",)).data.built_in_backup is None


def test_cloudnative_pg_keeps_backups_in_a_bucket_only() -> None:
    def operated(**backup: Any) -> dict[str, Any]:
        return {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": backup}}

    assert paths(operated()) == ["data.backup.offsite"]
    bucket = {**BUCKET, "cidrs": ["198.51.100.0/24"]}
    assert paths(operated(offsite=bucket), ("data",)) == []


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("wal_level", "minimal", "logical"),
        ("max_wal_senders", 3, 4),
        ("max_replication_slots", 0, 1),
    ],
)
def test_the_server_must_be_able_to_stream(name: str, wrong: str | int, right: str | int) -> None:
    def stack(value: str | int, backup: Any) -> dict[str, Any]:
        return {"data": {"parameters": {name: value}, "backup": backup}}

    assert paths(stack(wrong, {})) == [f"data.parameters.{name}"]
    assert paths(stack(right, {})) == []
    assert paths(stack(wrong, False)) == []


def test_a_drill_needs_three_connections_to_each_database() -> None:
    """Six are reserved. Two ask for backups, and six compare `platform` and `postgres`."""
    services: dict[str, Any] = {
        "backend": {"database": {"shared": "application", "connections": 10}}
    }

    def stack(connections: int, **backup: Any) -> dict[str, Any]:
        data = {"max_connections": connections, "backup": backup}
        return {"data": data, "api": {"services": services}}

    assert paths(stack(24)) == []
    assert "8 for backups and drills" in refusal(stack(23))
    services["backend"]["database"]["connections"] = 12
    assert paths(stack(20, drill=False)) == []
