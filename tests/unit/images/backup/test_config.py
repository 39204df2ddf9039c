"""The program's configuration, and what it says about a wrong one."""

import json
from pathlib import Path
from typing import Any

import pytest

from backup import config
from backup.errors import BackupError

VALID: dict[str, Any] = {
    "server": {
        "host": "postgres",
        "port": 5432,
        "user": "platform_backup",
        "password_file": "/run/secrets/password",
        "database": "platform",
    },
    "directory": "/backups",
    "schedule": "0 2 * * *",
    "drill": None,
    "retention": {"days": 7, "count": 2},
    "offsite": None,
}


def load(folder: Path, **changes: Any) -> config.Config:
    path = folder / "config.json"
    path.write_text(json.dumps({**VALID, **changes}))
    return config.load(path)


def test_a_stack_without_drills_and_bucket_has_neither(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.drill is None
    assert loaded.offsite is None
    assert loaded.retention == config.Retention(days=7, count=2)
    assert loaded.server.password_file == Path("/run/secrets/password")


def test_a_bucket_may_have_no_region_and_no_authority_of_its_own(tmp_path: Path) -> None:
    section = {
        "repository": "s3:https://host/bucket/backups",
        "region": None,
        "access_key_file": "/run/secrets/access",
        "secret_key_file": "/run/secrets/secret",
        "passphrase_file": "/run/secrets/passphrase",
        "ca_file": None,
        "schedule": "*/10 * * * *",
    }
    offsite = load(tmp_path, offsite=section).offsite
    assert offsite
    assert (offsite.region, offsite.ca_file) == (None, None)
    assert offsite.schedule == "*/10 * * * *"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schedule": "daily"}, 'schedule is "daily"; allowed is five fields of cron'),
        ({"drill": "0 4 * *"}, 'drill is "0 4 * *"; allowed is five fields'),
        ({"retention": {"days": 0, "count": 2}}, "retention.days is 0; allowed is a whole number"),
        ({"retention": {"days": True, "count": 2}}, "retention.days is true; allowed is"),
        ({"retention": {"days": 7}}, "retention.count is null; allowed is a whole number"),
        ({"server": "postgres"}, "server must be a mapping"),
        ({"directory": ""}, 'directory is ""; allowed is a text'),
        ({"offsite": {"repository": 3}}, "offsite.repository is 3; allowed is a text"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(BackupError) as error:
        load(tmp_path, **changes)
    assert said in str(error.value)


def test_a_file_that_is_missing_or_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with pytest.raises(BackupError, match=r"config\.json does not exist"):
        config.load(path)
    path.write_text("{")
    with pytest.raises(BackupError, match=r"config\.json is not JSON"):
        config.load(path)
