"""Values with references, and the texts that they become."""

from typing import Any

import pytest

from components import values
from components.addresses import Address
from components.cache.connection import to_platform as to_cache
from components.container import File
from components.data.connection import to_platform as to_database
from components.text import Secret, Text
from tests.unit.describing import settings

DATABASE = to_database(Address(workload="postgres", port=5432), (), connections=7)
# A hostile password: every character that a URL or JSON would misread.
PASSWORDS = {
    "postgres-app-password": 'p@/"$${x}',
    "redis-app-password": "r",
    "secret.model-key": "k",
    "api-token": "t",
}


def meanings(database: bool = True, **stack: Any) -> dict[str, str | Text]:
    chosen = settings({"secrets": {"model-key": None}} | stack)
    return values.meanings(chosen, DATABASE if database else None, to_cache())


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("plain", "plain"),
        ("${database.host}:${database.port}", "ai-platform-postgres:5432"),
        ("${database.name} ${database.user}", "platform platform_app"),
        ("${database.connections}", "7"),
        ("${database.password}", 'p@/"$${x}'),
        ("${database.password:url}", "p%40%2F%22%24%24%7Bx%7D"),
        ("${database.password:json}", '"p@/\\"$${x}"'),
        (
            "postgresql+asyncpg://${database.user}:${database.password:url}@${database.host}/x",
            "postgresql+asyncpg://platform_app:p%40%2F%22%24%24%7Bx%7D@ai-platform-postgres/x",
        ),
        (
            "${database.url}?sslmode=disable",
            "postgresql://platform_app:p%40%2F%22%24%24%7Bx%7D@ai-platform-postgres:5432/platform"
            "?sslmode=disable",
        ),
        ("${cache.url}", "redis://platform:r@ai-platform-redis:6379/0"),
        ("${cache.host}:${cache.port} ${cache.user}", "ai-platform-redis:6379 platform"),
        ("Bearer ${api-token}", "Bearer t"),
        ("${secret.model-key}", "k"),
        ("${service.decision.url}/v1", "http://ai-platform-decision:8001/v1"),
        ("${service.decision.host}:${service.decision.port}", "ai-platform-decision:8001"),
        ("${service.decision.url:url}", "http%3A%2F%2Fai-platform-decision%3A8001"),
        ("a $${HOME} and $HOME", "a ${HOME} and $HOME"),
        ("$${HOME} ${api-token} $${database.url}", "${HOME} t ${database.url}"),
    ],
)
def test_a_reference_stands_for_its_value(value: str, filled: str) -> None:
    assert values.resolve(value, meanings()).fill(PASSWORDS) == filled


def test_a_text_with_a_secret_is_a_secret_text() -> None:
    service = settings(
        {
            "api": {
                "services": {
                    "reports": {
                        "image": "acme/reports:1",
                        "env": {"A": "plain", "TOKEN": "Bearer ${api-token}"},
                        "files": {"/etc/a": "${service.backend.host}", "/etc/b": "${api-token}"},
                    }
                }
            }
        }
    ).api.services["reports"]
    token = Secret(name="api-token", keep=True)
    assert values.of(service, meanings()) == values.Values(
        env={"A": "plain"},
        secret_env={"TOKEN": Text(template="Bearer ${api-token}", secrets=(token,))},
        files=(
            File(path="/etc/a", content=Text(template="ai-platform-backend")),
            File(path="/etc/b", content=token.text),
        ),
    )


def test_a_value_that_is_one_reference_may_be_a_whole_secret_of_the_cluster() -> None:
    assert values.resolve("${database.url}", meanings()).name == "database-url"
    assert values.resolve("${database.url}?a=b", meanings()).name is None


def test_a_secret_of_the_users_own_has_its_value_or_is_generated_and_kept() -> None:
    stack = settings({"secrets": {"given": "v", "generated": None}}, secret=("secrets",))
    assert values.user_secrets(stack) == [
        Secret(name="secret.given", value="v"),
        Secret(name="secret.generated", keep=True),
    ]


def test_a_service_without_a_database_has_no_reference_to_one() -> None:
    assert not [name for name in meanings(database=False) if name.startswith("database.")]
