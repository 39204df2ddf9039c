"""The data tier: the server that the settings select, and how services connect to it."""

from collections.abc import Mapping, Sequence

from components import volume_exporter
from components.catalogue import Catalogue
from components.data import (
    backup,
    builtin,
    cloudnative_pg,
    connection,
    databases,
    exporter,
    retention,
    schema,
    upgrade,
)
from components.data.connection import DATABASE, OWNER, OWNER_USER, DatabaseConnection
from components.data.databases import Server
from components.settings import Settings, Upgrade
from components.tier import Description, Login, Tier


class DataTier(Tier):
    """`connections` are those of the services that have a database, by the service's name.

    With an upgrade that is under way, a job copies the data to another version.
    """

    name = connection.TIER

    def __init__(
        self, settings: Settings, catalogue: Catalogue, under_way: Upgrade | None = None
    ) -> None:
        self.connections, parts = _describe(settings, catalogue)
        if under_way:
            parts = (*parts, upgrade.job(settings, catalogue, under_way))
        owner: Login = {"database": DATABASE, "user": OWNER_USER, "password": OWNER}
        logins = {"database": owner, **databases.logins(self.connections)} if parts else {}
        super().__init__(parts, logins=logins, expects_all=under_way is None)


def _describe(
    settings: Settings, catalogue: Catalogue
) -> tuple[Mapping[str, DatabaseConnection], Sequence[Description]]:
    """How services reach their databases, and the parts that run the server: none for an external
    one."""
    if settings.data.external:
        return databases.external_connections(settings, settings.data.external), ()
    if settings.data.mode == "cloudnative-pg":
        cluster = cloudnative_pg.cluster(settings, catalogue)
        main: Description = cluster
        primary, entry = cluster.primary, cluster.entry
        setup = schema.job(catalogue, primary, settings.data.mode, cloudnative_pg.SCRIPTS)
    else:
        main = volume_exporter.beside(builtin.postgres(settings, catalogue), catalogue)
        primary = entry = builtin.SERVER
        setup = backup.schema_job(settings, catalogue, primary)
    starts_after = (entry.workload, setup.name)
    server = Server(primary=primary, entry=entry, starts_after=starts_after)
    others = (
        databases.job(settings, catalogue, server),
        retention.job(settings, catalogue, primary, starts_after),
        backup.part(settings, catalogue, primary),
    )
    return databases.connections(settings, server), (
        main,
        setup,
        *(part for part in others if part),
        exporter.exporter(catalogue, server.primary),
    )
