"""The platform's database: its name and roles, and how a service reaches it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from components.settings import Settings, mebibytes
from components.text import Secret, Text
from components.workload import Address, File, Outside

POSTGRES = Address(workload="postgres", port=5432)
DATABASE = "platform"
INIT = Path(__file__).parent.parent / "database" / "init"

# The server's own password, and one for each role that database/init makes.
SUPERUSER = Secret(name="postgres-password", keep=True)
OWNER = Secret(name="postgres-owner-password", keep=True)
APPLICATION = Secret(name="postgres-app-password", keep=True)
MONITOR = Secret(name="postgres-monitor-password", keep=True)


@dataclass(frozen=True, kw_only=True)
class DatabaseConnection:
    """How a service reaches the database: values, so that nobody rebuilds them."""

    host: str
    port: int
    database: str
    user: str
    password: Secret
    reach: Address | Outside
    starts_after: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    """What the options name, for whoever uses the URL."""

    @property
    def url(self) -> Text:
        place = f"${{{self.password.name}:url}}"
        options = f"?{urlencode(self.options)}" if self.options else ""
        return Text(
            name="database-url",
            template=f"postgresql://{self.user}:{place}@{self.host}:{self.port}/{self.database}"
            + options,
            secrets=(self.password,),
        )


def parameters(settings: Settings) -> dict[str, str]:
    """Options of the server, whoever runs it."""
    return {
        "max_connections": str(settings.data.max_connections),
        # A quarter of the memory: the PostgreSQL manual's starting point.
        "shared_buffers": f"{mebibytes(settings.data.memory) // 4}MB",
        "log_min_duration_statement": "500ms",
        "log_lock_waits": "on",
        "log_connections": "off",
    }
