"""The data tier: the server that the settings select, and how services connect to it."""

from collections.abc import Mapping, Sequence

from components.addresses import Address
from components.catalogue import Catalogue
from components.data import builtin, cloudnative_pg, connection, exporter
from components.data.connection import DATABASE, OWNER, OWNER_USER, DatabaseConnection
from components.settings import Database, Settings
from components.tier import Description, Login, Tier


class DataTier(Tier):
    """`connections` are those of the services that have a database, by the service's name."""

    name = connection.TIER

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.connections, parts = _describe(settings, catalogue)
        owner: Login = {"database": DATABASE, "user": OWNER_USER, "password": OWNER}
        super().__init__(parts, logins={"database": owner} if parts else {})


def _describe(
    settings: Settings, catalogue: Catalogue
) -> tuple[Mapping[str, DatabaseConnection], Sequence[Description]]:
    """How services reach the database, and the parts that run it: none for an external server."""
    databases = {
        name: service.database
        for name, service in settings.api.services.items()
        if service.database
    }
    external = settings.data.external
    if external:
        return {
            name: connection.to_external(external, database.connections)
            for name, database in databases.items()
        }, ()
    if settings.data.mode == "cloudnative-pg":
        cluster = cloudnative_pg.cluster(settings, catalogue)
        schema = cloudnative_pg.schema(cluster, catalogue)
        starts_after = (cluster.entry.workload, schema.name)
        parts: Sequence[Description] = (
            cluster,
            schema,
            exporter.exporter(catalogue, cluster.primary),
        )
        return _to_platform(databases, cluster.entry, starts_after), parts
    return (
        _to_platform(databases, builtin.SERVER, (builtin.SERVER.workload,)),
        (builtin.postgres(settings, catalogue), exporter.exporter(catalogue, builtin.SERVER)),
    )


def _to_platform(
    databases: Mapping[str, Database], server: Address, starts_after: tuple[str, ...]
) -> dict[str, DatabaseConnection]:
    return {
        name: connection.to_platform(server, starts_after, database.connections)
        for name, database in databases.items()
    }
