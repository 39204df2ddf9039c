"""How a service reaches the platform's own database, or an external one."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from components.addresses import Address, Outside
from components.container import File
from components.data.connection import DatabaseConnection, to_external, to_platform
from components.settings import DATABASE_CA
from components.text import Text
from tests.unit.describing import settings

SERVER = Address(workload="server", port=5432)
EXTERNAL: dict[str, Any] = {
    "host": "db.example.com",
    "port": 5433,
    "user": "me",
    "password": "p@ss",
    "cidrs": ["10.0.0.0/8"],
}
CA = "-----BEGIN CERTIFICATE-----\nMII\n"


def external(**changes: Any) -> DatabaseConnection:
    values = {"data": {"mode": "external", "external": EXTERNAL | changes}}
    server = settings(values, secret=("data",)).data.external
    assert server
    return to_external(server, connections=5)


def test_services_connect_as_the_application_and_not_as_its_owner() -> None:
    connection = to_platform(SERVER, ("server", "schema"), connections=7)
    assert connection.user == "platform_app"
    assert connection.url.fill({"postgres-app-password": "pw"}) == (
        "postgresql://platform_app:pw@ai-platform-server:5432/platform"
    )
    assert connection.connections == 7
    assert connection.reach == SERVER
    assert connection.starts_after == ("server", "schema")
    assert connection.files == ()


def test_a_connection_to_an_external_server_has_the_settings_values() -> None:
    connection = external()
    assert connection.url.fill({"database-password": "p@ss"}) == (
        "postgresql://me:p%40ss@db.example.com:5433/platform"
    )
    assert connection.password.value == "p@ss"
    assert connection.reach == Outside(name="database", ports=(5433,), cidrs=("10.0.0.0/8",))
    assert connection.starts_after == ()


def test_a_connection_uses_the_tls_mode_of_the_settings() -> None:
    connection = external(sslmode="require")
    assert connection.url.fill({"database-password": "pw"}).endswith("/platform?sslmode=require")
    assert connection.files == ()


def test_a_connection_that_verifies_the_server_has_the_authoritys_certificate() -> None:
    connection = external(sslmode="verify-full", ca=CA)
    url = urlsplit(connection.url.fill({"database-password": "pw"}))
    assert parse_qs(url.query) == {"sslmode": ["verify-full"], "sslrootcert": [DATABASE_CA]}
    assert connection.files == (File(path=DATABASE_CA, content=Text(template=CA)),)
