from pathlib import Path

import pytest

from backend.settings import Settings
from service.environment import SettingsError, load

COMPLETE = {
    "API_TOKEN": "marked-token",
    "DATABASE_URL": "postgresql://app:marked-password@db:5432/platform",
    "REDIS_URL": "redis://app:marked-password@cache:6379/0",
}


def test_an_unset_variable_has_the_documented_default() -> None:
    settings = load(Settings, COMPLETE)

    assert settings.model_dump(exclude={"api_token", "database_url", "redis_url"}) == {
        "environment": "production",
        "log_level": "INFO",
        "version": "dev",
        "decision_url": "http://ai-platform-decision:8001",
        "database_pool_size": 5,
        "cache_pool_size": 10,
        "cache_ttl_seconds": 300,
    }


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-a-file\n")

    settings = load(Settings, COMPLETE | {"API_TOKEN": "", "API_TOKEN_FILE": str(file)})

    assert settings.api_token.get_secret_value() == "from-a-file"


def test_all_problems_are_reported_at_once_without_secrets(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()

    with pytest.raises(SettingsError) as caught:
        load(
            Settings,
            {
                "API_TOKEN": "marked-token",
                "API_TOKEN_FILE": "/run/secrets/api-token",
                "DATABASE_URL": "mysql://app:marked-password@db/platform",
                "REDIS_URL_FILE": str(empty),
                "DECISION_URL_FILE": str(tmp_path / "missing"),
                "DATABASE_POOL_SIZE": "0",
                "CACHE_TTL_SECONDS": "soon",
                "LOG_LEVEL": "LOUD",
            },
        )

    assert sorted(str(caught.value).splitlines()) == [
        "API_TOKEN and API_TOKEN_FILE are both set: keep one of them",
        "CACHE_TTL_SECONDS: Input should be a valid integer, unable to parse string as an integer",
        "DATABASE_POOL_SIZE: Input should be greater than or equal to 1",
        "DATABASE_URL: Value error, must start with postgresql:// or postgres://",
        f"DECISION_URL_FILE: cannot read {tmp_path}/missing: No such file or directory",
        "LOG_LEVEL: Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'",
        "REDIS_URL is missing: set REDIS_URL, or REDIS_URL_FILE to a file that holds it",
    ]


def test_settings_print_without_their_secrets() -> None:
    assert "marked" not in repr(load(Settings, COMPLETE))
