"""The part that makes backups: what its program reads, and the step before the server."""

import json
from typing import Any

import pytest

from components.addresses import Outside
from components.data import backup, builtin
from components.data.connection import BACKUP
from components.data.restore import REACHED, RESTORED
from components.volumes import Volume
from components.workload import Workload
from tests.unit.describing import catalogue, settings

BUCKET = {
    "endpoint": "https://s3.example.com:9000",
    "bucket": "acme",
    "prefix": "prod",
    "access_key": "key",
    "secret_key": "given-secret",
    "passphrase": "given-passphrase",
    "ca": "-----BEGIN CERTIFICATE-----\nMII\n",
    "cidrs": ["198.51.100.0/24"],
}


def part(**values: Any) -> Workload:
    stack = settings({"data": {"size": "10Gi", "backup": values}}, secret=("data",))
    workload = backup.part(stack, catalogue(), builtin.SERVER)
    assert workload
    return workload


def configuration(workload: Workload) -> dict[str, Any]:
    (file,) = (file for file in workload.files if file.path == backup.CONFIGURATION)
    assert not file.content.secrets
    return dict(json.loads(file.content.template))


def test_the_program_reads_when_and_how_long_and_signs_in_with_a_file() -> None:
    assert configuration(part(retention={"days": 14}, drill="0 1 * * 1")) == {
        "server": {
            "host": "ai-platform-postgres",
            "port": 5432,
            "user": "platform_backup",
            "password_file": BACKUP.path,
            "database": "platform",
        },
        "directory": "/backups",
        "schedule": "0 2 * * *",
        "drill": "0 1 * * 1",
        "retention": {"days": 14, "count": 2},
        "offsite": None,
    }
    assert configuration(part(drill=False))["drill"] is None


def test_the_program_reads_where_the_copy_goes_and_in_which_files_its_secrets_are() -> None:
    workload = part(offsite=BUCKET)
    offsite = configuration(workload)["offsite"]
    assert offsite["repository"] == "s3:https://s3.example.com:9000/acme/prod/backups"
    files = {file.path for file in workload.files}
    assert {path for key, path in offsite.items() if key.endswith("_file")} <= files
    servers = [reach for reach in workload.reaches if isinstance(reach, Outside)]
    assert [(server.ports, server.cidrs) for server in servers] == [((9000,), ("198.51.100.0/24",))]


def test_the_volume_of_backups_is_kept_and_has_the_size_of_the_settings() -> None:
    (volume,) = part(size="40Gi").volumes
    assert volume == Volume(name="backup", path="/backups", size="40Gi")
    assert volume.keep


@pytest.mark.parametrize(("size", "limit"), [("1Gi", 300), ("100Gi", 5120)])
def test_the_step_before_the_server_may_change_its_volume_and_has_time_to_clone_it(
    size: str, limit: int
) -> None:
    server = builtin.postgres(settings({"data": {"size": size}}), catalogue())
    (step,) = server.init
    (volume,) = server.volumes
    (mount,) = server.mounts(step)
    assert (mount.volume, mount.path, mount.read_only) == (volume.name, volume.path, False)
    assert step.image == server.image
    assert step.env["PGDATA"] == server.env["PGDATA"]
    assert (step.limit, server.reaches) == (limit, (RESTORED, REACHED))


def test_the_server_keeps_a_quarter_of_its_volume_for_a_receiver_that_is_away() -> None:
    server = builtin.postgres(settings({"data": {"size": "20Gi"}}), catalogue())
    assert "-cmax_slot_wal_keep_size=5120MB" in server.command
