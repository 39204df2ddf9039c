"""How a service reaches the platform's own cache, or an external one."""

from typing import Any

from components.addresses import Address, Outside
from components.cache.connection import CacheConnection, to_external, to_platform
from tests.unit.describing import settings

EXTERNAL: dict[str, Any] = {"host": "cache.example.com", "user": "me", "password": "p/w"}


def external(**changes: Any) -> CacheConnection:
    values = {"cache": {"mode": "external", "external": EXTERNAL | changes}}
    server = settings(values, secret=("cache",)).cache.external
    assert server
    return to_external(server)


def test_services_connect_with_a_user_and_a_password_once_the_server_is_healthy() -> None:
    connection = to_platform()
    assert connection.url.fill({"redis-app-password": "pw"}) == (
        "redis://platform:pw@ai-platform-redis:6379/0"
    )
    assert connection.reach == Address(workload="redis", port=6379)
    assert connection.starts_after == ("redis",)


def test_a_connection_to_an_external_server_has_the_settings_values() -> None:
    connection = external()
    assert connection.url.fill({"cache-password": "p/w"}) == (
        "redis://me:p%2Fw@cache.example.com:6379/0"
    )
    assert connection.password.value == "p/w"
    assert connection.reach == Outside(name="cache", ports=(6379,))
    assert connection.starts_after == ()


def test_a_connection_to_an_external_server_uses_tls_if_the_settings_say_so() -> None:
    assert external(tls=True).url.fill({"cache-password": "pw"}) == (
        "rediss://me:pw@cache.example.com:6379/0"
    )
