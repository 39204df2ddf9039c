"""The databases of services: how they connect, and the job that creates them."""

from typing import Any

import pytest

from components.addresses import Address
from components.container import File, Resources
from components.data import connection, databases
from components.data.connection import SUPERUSER, DatabaseConnection
from components.data.databases import READER, Server
from components.text import Secret, Text
from components.workload import Job
from tests.unit.describing import ROOT, catalogue, settings

PRIMARY = Address(workload="primary", port=5432)
SERVER = Server(
    primary=PRIMARY,
    entry=Address(workload="pooler", port=5432),
    starts_after=("pooler", "schema"),
)
LIST = """\
-- The databases of this stack's services.

\\ir reader.sql

\\set service sales-eu
\\set database sales_eu
\\set connections 6
\\set statement_timeout 0
\\set idle_timeout 60
\\set extensions ''
\\ir database.sql
\\ir hold.sql

\\set service reports
\\set database reports
\\set connections 30
\\set statement_timeout 9
\\set idle_timeout 0
\\set extensions 'pg_trgm,uuid-ossp'
\\ir database.sql
\\ir hold.sql
"""
SERVICES = {
    "charts": {"image": "acme/charts:1", "database": {"shared": "read-only", "connections": 4}},
    "sales-eu": {"image": "acme/sales:1", "database": {"connections": 3, "login": "b"}},
    "reports": {
        "image": "acme/reports:1",
        "replicas": 5,
        "database": {
            "statement_timeout": 9,
            "idle_in_transaction_timeout": None,
            "extensions": ["pg_trgm", "uuid-ossp"],
        },
    },
}


def job(services: dict[str, Any]) -> Job | None:
    return databases.job(settings({"api": {"services": services}}), catalogue(), SERVER)


RUN = """\
PGPASSWORD="$(cat /run/secrets/postgres-password)"
export PGPASSWORD
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file /etc/postgres-databases/all.sql
"""


def test_the_job_has_all_passwords_scripts_and_databases() -> None:
    passwords = (
        SUPERUSER,
        READER,
        *(
            Secret(name=f"postgres-{service}-{role}-password")
            for service in ("sales-eu", "reports")
            for role in "ab"
        ),
    )
    scripts = {
        path.name: path.read_text() for path in sorted((ROOT / "database/services").iterdir())
    }
    hold = (ROOT / "database" / "backup" / "hold.sql").read_text()
    assert job(SERVICES) == Job(
        name="postgres-databases",
        tier="data",
        asked_by="api.services.charts.database",
        image=catalogue().image("postgres"),
        entrypoint=("sh", "-c", RUN),
        env={
            "PGHOST": "ai-platform-primary",
            "PGPORT": "5432",
            "PGUSER": "postgres",
            "PGDATABASE": "platform",
            "PGCONNECT_TIMEOUT": "10",
            "PGOPTIONS": "-csearch_path=pg_catalog",
        },
        files=(
            *(File(path=password.path, content=password.text) for password in passwords),
            *(
                File(path=f"/etc/postgres-databases/{name}", content=Text(template=text))
                for name, text in (scripts | {"all.sql": LIST, "hold.sql": hold}).items()
            ),
        ),
        reaches=(PRIMARY,),
        starts_after=("pooler", "schema"),
        resources=Resources(memory=64, cpu=0.2),
    )


def test_without_backups_nothing_gets_rights_in_a_new_database() -> None:
    stack = settings({"api": {"services": SERVICES}, "data": {"backup": False}})
    without = databases.job(stack, catalogue(), SERVER)
    assert without
    contents = {file.path: file.content.template for file in without.files}
    assert "/etc/postgres-databases/hold.sql" not in contents
    assert contents["/etc/postgres-databases/all.sql"] == LIST.replace("\\ir hold.sql\n", "")


def test_without_a_database_to_create_there_is_no_job() -> None:
    shared = {"image": "acme/reports:1", "database": {"shared": "application"}}
    assert job({"reports": shared, "none": {"image": "acme/none:1"}}) is None


def test_a_password_of_a_service_may_go_with_the_service() -> None:
    """Its database stays, and the job sets a new password when the service returns."""
    whole = job(SERVICES)
    assert whole
    kept = {secret.name for file in whole.files for secret in file.content.secrets if secret.keep}
    assert kept == {"postgres-password"}


@pytest.mark.parametrize("secret", ["postgres-password", "postgres-reports-a-password"])
def test_no_argument_or_variable_has_a_password(secret: str) -> None:
    whole = job(SERVICES)
    assert whole
    assert not whole.secret_env
    assert f"${{{secret}}}" not in " ".join([*whole.entrypoint, *whole.env.values()])


def test_each_service_connects_to_its_database_and_after_what_creates_it() -> None:
    backend = {"backend": {"database": {"shared": "application"}}}
    stack = settings({"api": {"services": SERVICES | backend}})
    assert databases.connections(stack, SERVER) == {
        "backend": connection.to_platform(SERVER.entry, ("pooler", "schema"), connections=5),
        "charts": DatabaseConnection(
            host="ai-platform-pooler",
            port=5432,
            database="platform",
            user="platform_reader",
            password=READER,
            connections=4,
            reach=SERVER.entry,
            starts_after=("pooler", "schema", "postgres-databases"),
            url_name=None,
        ),
        "sales-eu": own("sales-eu", "sales_eu", "b", connections=3),
        "reports": own("reports", "reports", "a", connections=5),
    }


def own(service: str, database: str, role: str, connections: int) -> DatabaseConnection:
    """The connection of a service with its own database, which never leads through a pooler."""
    return DatabaseConnection(
        host="ai-platform-primary",
        port=5432,
        database=database,
        user=f"{database}_{role}",
        password=Secret(name=f"postgres-{service}-{role}-password"),
        connections=connections,
        reach=PRIMARY,
        starts_after=("pooler", "schema", "postgres-databases"),
        url_name=None,
    )


def test_a_secret_of_the_cluster_with_a_whole_url_is_not_for_a_database_of_its_own() -> None:
    """`database-url` leads to the platform's own database."""
    assert own("reports", "reports", "a", connections=5).url.name is None
    to_platform = connection.to_platform(PRIMARY, (), connections=5)
    assert to_platform.url.name == "database-url"


def test_an_operator_signs_in_at_a_services_database_as_the_service() -> None:
    stack = settings({"api": {"services": SERVICES}})
    assert databases.logins(databases.connections(stack, SERVER)) == {
        f"database-{service}": {
            "database": database,
            "user": f"{database}_{role}",
            "password": Secret(name=f"postgres-{service}-{role}-password"),
        }
        for service, database, role in (("sales-eu", "sales_eu", "b"), ("reports", "reports", "a"))
    }
