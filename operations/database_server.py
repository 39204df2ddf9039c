"""The PostgreSQL server of a stack. Programs run inside it as the superuser, on both targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from components.addresses import PROJECT
from components.data.connection import SUPERUSER, SUPERUSER_OPTIONS, SUPERUSER_USER
from components.settings import Settings
from operations import docker_stack, kubernetes_stack
from operations.inside import Inside
from operations.workspace import Workspace

WORKLOAD = "postgres"
# The operator's server lets its own user in without a password, and has no file with one.
_AS_SUPERUSER = (
    f"if [ -r {SUPERUSER.path} ]; then"
    f' PGPASSWORD="$(cat {SUPERUSER.path})"; export PGPASSWORD; fi;'
    f" PGUSER={SUPERUSER_USER}; PGOPTIONS={SUPERUSER_OPTIONS}; export PGUSER PGOPTIONS;"
    ' exec "$@"'
)
# The same in each of the operator's pods.
OPERATED_PRIMARY = f"cnpg.io/cluster={PROJECT}-{WORKLOAD},cnpg.io/instanceRole=primary"


@dataclass(frozen=True, kw_only=True)
class DatabaseServer:
    """The container of the server, or of the primary."""

    inside: Inside

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        """Run a client program in the server's container, as the superuser. Names
        without a schema are those of pg_catalog."""
        return self.inside.run(["sh", "-c", _AS_SUPERUSER, "sh", *command], stdin=stdin)

    def rows(
        self, sql: str, database: str = "postgres", variables: Mapping[str, str] | None = None
    ) -> list[list[str]]:
        """The rows that a script for psql prints. `variables` are psql's, such as `:'name'`."""
        options = [f"--set={name}={value}" for name, value in (variables or {}).items()]
        output = self.run(
            [
                *("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
                *("--no-align", "--tuples-only", "--field-separator=\t"),
                *(f"--dbname={database}", *options, "--file=-"),
            ],
            stdin=sql.encode(),
        )
        return [line.split("\t") for line in output.splitlines()]


def of(workspace: Workspace, settings: Settings) -> DatabaseServer:
    """The server of the stack. Raises ClickException if the stack has no server, or it is down."""
    if settings.data.mode == "external":
        raise click.ClickException(
            "data.mode is external: the platform does not run this stack's server."
        )
    if settings.target == "docker":
        return DatabaseServer(inside=docker_stack.inside(workspace, WORKLOAD))
    operated = settings.data.mode == "cloudnative-pg"
    return DatabaseServer(
        inside=kubernetes_stack.inside(
            settings.kubernetes,
            workspace,
            WORKLOAD,
            selector=OPERATED_PRIMARY if operated else None,
        )
    )
