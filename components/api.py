"""The API tier: any number of HTTP services; `backend` and `decision` are the default ones."""

from collections.abc import Mapping
from dataclasses import dataclass

from components import http_service
from components.addresses import Address, Reach
from components.cache.connection import CacheConnection
from components.catalogue import Catalogue
from components.data.connection import DatabaseConnection
from components.settings import Credential, Service, Settings, normal
from components.text import Secret, Text
from components.tier import Tier
from components.workload import Exposure, Volume, Workload

# People sign in to the API with this token, and so does the backend to the decision service.
API_TOKEN = Secret(name="api-token", keep=True)


@dataclass(frozen=True, kw_only=True)
class ServiceConnection:
    """How another workload reaches an API service."""

    address: Address
    starts_after: tuple[str, ...]


class ApiTier(Tier):
    name = "api"

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        database: DatabaseConnection,
        cache: CacheConnection,
    ) -> None:
        services = settings.api.services
        self.services = {
            name: ServiceConnection(
                address=Address(workload=name, port=service.port), starts_after=(name,)
            )
            for name, service in services.items()
        }
        parts = [describe(name, settings, catalogue, database, cache) for name in services]
        super().__init__(parts, logins={"api": {"token": API_TOKEN}})


def describe(
    name: str,
    settings: Settings,
    catalogue: Catalogue,
    database: DatabaseConnection,
    cache: CacheConnection,
) -> Workload:
    """The workload of one service that the settings name."""
    service = settings.api.services[name]
    env, secret_env, files = http_service.credentials(service, _credentials(database, cache))
    credentials = set(service.credentials.values())
    servers = [
        server
        for kind, server in (("database", database), ("cache", cache))
        if credentials & {f"{kind}-url", f"{kind}-password"}
    ]
    callees = [
        Address(workload=callee, port=settings.api.services[callee].port)
        for callee in service.calls
    ]
    reaches: list[Reach] = [server.reach for server in servers]
    return Workload(
        name=name,
        tier=ApiTier.name,
        named_by=f"api.services.{name}",
        image=http_service.image(name, service, catalogue, "python"),
        # Kubernetes rejects a container that sets a variable twice.
        env={
            variable: value
            for variable, value in {**_tuning(settings), **service.env, **env}.items()
            if variable not in secret_env
        },
        secret_env=secret_env,
        files=(*files, *(database.files if "database-url" in credentials else ())),
        volumes=_data_volume(name, service),
        scratch=_scratch(service),
        ports=(http_service.port(service, service.metrics),),
        ready=http_service.health(service.ready, service),
        alive=http_service.health(service.health, service),
        reaches=(*reaches, *callees, *http_service.outside(service)),
        starts_after=(
            *(part for server in servers for part in server.starts_after),
            *starts_after_callees(name, settings.api.services),
        ),
        resources=http_service.resources(service),
        replicas=http_service.replicas(service),
        exposure=Exposure(endpoint=name, port=service.port),
        stop_grace=service.stop_grace,
    )


def starts_after_callees(name: str, services: Mapping[str, Service]) -> tuple[str, ...]:
    """The services that this one calls, without those that call it back, directly or through
    others.

    Two services may call each other. Neither can then wait for the other.
    """

    def reachable(start: str) -> set[str]:
        names: set[str] = set()
        pending = [start]
        while pending:
            callees = set(services[pending.pop()].calls) - names
            names |= callees
            pending.extend(callees)
        return names

    return tuple(callee for callee in services[name].calls if name not in reachable(callee))


def _credentials(database: DatabaseConnection, cache: CacheConnection) -> dict[Credential, Text]:
    return {
        "database-url": database.url,
        "database-password": database.password.text,
        "cache-url": cache.url,
        "cache-password": cache.password.text,
        "api-token": API_TOKEN.text,
    }


def _tuning(settings: Settings) -> dict[str, str]:
    api = settings.api
    return {
        "LOG_LEVEL": api.log_level,
        "DATABASE_POOL_SIZE": str(api.database_pool),
        "CACHE_POOL_SIZE": str(api.cache_pool),
        "CACHE_TTL_SECONDS": str(api.cache_ttl),
    }


def _scratch(service: Service) -> tuple[str, ...]:
    """The writable paths without the volume's path, where one mount would hide the other."""
    volume = service.data_volume
    volume_path = normal(volume.path) if volume else None
    return tuple(path for path in service.writable if normal(path) != volume_path)


def _data_volume(name: str, service: Service) -> tuple[Volume, ...]:
    volume = service.data_volume
    return (Volume(name=f"{name}-data", path=volume.path, size=volume.size),) if volume else ()
