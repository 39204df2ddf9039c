"""The platform's database: its name and roles, and how a service reaches it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from components.addresses import Address, Outside
from components.container import File
from components.settings import DATABASE_CA, ExternalDatabase, revealed
from components.text import Secret, Text

TIER = "data"
DATABASE = "platform"

# The server's own password, and one for each role that database/init creates.
SUPERUSER = Secret(name="postgres-password", keep=True)
OWNER = Secret(name="postgres-owner-password", keep=True)
APPLICATION = Secret(name="postgres-app-password", keep=True)
MONITOR = Secret(name="postgres-monitor-password", keep=True)
# Not kept: with the backup part the password goes, and the job sets a new one when it returns.
BACKUP = Secret(name="postgres-backup-password")

SUPERUSER_USER = "postgres"
SUPERUSER_OPTIONS = "-csearch_path=pg_catalog"
"""The PGOPTIONS of a superuser's session in the database of a service. The service owns that
database: its functions and its search path must not decide what the superuser runs."""
APPLICATION_USER, OWNER_USER, MONITOR_USER = "platform_app", "platform_owner", "platform_monitor"
BACKUP_USER = "platform_backup"
# Where the backup part answers: its metrics, and which files of services are to be brought back.
BACKUP_PART = Address(workload="backup", port=9747)


@dataclass(frozen=True, kw_only=True)
class DatabaseConnection:
    """How a service reaches the database. The values are complete, so no other code composes them.

    `connections` is the largest number that each replica opens. `files` are the files that
    `options` names. `url_name` is the name under which a Secret of the cluster may hold the whole
    URL.
    """

    host: str
    port: int
    database: str
    user: str
    password: Secret
    connections: int
    reach: Address | Outside
    starts_after: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    url_name: str | None = "database-url"

    @property
    def url(self) -> Text:
        password = f"${{{self.password.name}:url}}"
        options = f"?{urlencode(self.options)}" if self.options else ""
        return Text(
            name=self.url_name,
            template=f"postgresql://{self.user}:{password}@{self.host}:{self.port}/{self.database}"
            + options,
            secrets=(self.password,),
        )


def to_platform(
    server: Address, starts_after: tuple[str, ...], connections: int
) -> DatabaseConnection:
    """The connection of the application's role to a server that the platform runs."""
    return DatabaseConnection(
        host=server.host,
        port=server.port,
        database=DATABASE,
        user=APPLICATION_USER,
        password=APPLICATION,
        connections=connections,
        reach=server,
        starts_after=starts_after,
    )


def to_external(server: ExternalDatabase, connections: int) -> DatabaseConnection:
    """The connection to a server that the platform does not run."""
    return DatabaseConnection(
        host=server.host,
        port=server.port,
        database=server.database,
        user=server.user,
        password=Secret(name="database-password", value=revealed(server.password)),
        connections=connections,
        reach=Outside(name="database", ports=(server.port,), cidrs=tuple(server.cidrs or ())),
        options=_tls_options(server),
        files=(File(path=DATABASE_CA, content=Text(template=server.ca)),) if server.ca else (),
    )


def _tls_options(server: ExternalDatabase) -> dict[str, str]:
    options = {"sslmode": server.sslmode, "sslrootcert": DATABASE_CA if server.ca else None}
    return {name: value for name, value in options.items() if value}
