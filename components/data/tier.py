"""The data tier: the server that the settings select, and how services connect to it."""

from collections.abc import Sequence

from components.catalogue import Catalogue
from components.data import builtin, cloudnative_pg, connection, exporter
from components.data.connection import DATABASE, OWNER, OWNER_USER, DatabaseConnection
from components.settings import Settings
from components.tier import Description, Login, Tier


class DataTier(Tier):
    name = connection.TIER

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.connection, parts = _describe(settings, catalogue)
        owner: Login = {"database": DATABASE, "user": OWNER_USER, "password": OWNER}
        super().__init__(parts, logins={"database": owner} if parts else {})


def _describe(
    settings: Settings, catalogue: Catalogue
) -> tuple[DatabaseConnection, Sequence[Description]]:
    """How services reach the database, and the parts that run it: none for an external server."""
    if settings.data.external:
        return connection.to_external(settings.data.external), ()
    if settings.data.mode == "cloudnative-pg":
        cluster = cloudnative_pg.cluster(settings, catalogue)
        schema = cloudnative_pg.schema(cluster, catalogue)
        return (
            connection.to_platform(cluster.entry, (cluster.entry.workload, schema.name)),
            (cluster, schema, exporter.exporter(catalogue, cluster.primary)),
        )
    return (
        connection.to_platform(builtin.SERVER, (builtin.SERVER.workload,)),
        (builtin.postgres(settings, catalogue), exporter.exporter(catalogue, builtin.SERVER)),
    )
