"""The API tier: any number of HTTP services; `backend` and `decision` are the default ones."""

from collections.abc import Mapping
from dataclasses import dataclass

from components import service
from components.cache import CacheConnection
from components.database import DatabaseConnection
from components.images import Catalogue
from components.settings import Settings, models
from components.settings.models import Credential
from components.settings.values import normal
from components.text import Secret, Text
from components.tier import Tier
from components.workload import Address, Exposure, Reach, Volume, Workload

TIER = "api"

# Signs people in at the API, and the backend at the decision service.
API_TOKEN = Secret(name="api-token", keep=True)


@dataclass(frozen=True, kw_only=True)
class ServiceConnection:
    """How another workload reaches an API service."""

    address: Address
    starts_after: tuple[str, ...]


class ApiTier(Tier):
    services: Mapping[str, ServiceConnection]

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        database: DatabaseConnection,
        cache: CacheConnection,
    ) -> None:
        self.services = {
            name: ServiceConnection(
                address=Address(workload=name, port=wanted.port), starts_after=(name,)
            )
            for name, wanted in settings.api.services.items()
        }
        super().__init__(
            TIER,
            api_services(settings, catalogue, database, cache),
            {"api": {"token": API_TOKEN}},
        )


def api_services(
    settings: Settings, catalogue: Catalogue, database: DatabaseConnection, cache: CacheConnection
) -> tuple[Workload, ...]:
    """Every API service, those first that others call."""
    wanted = settings.api.services
    called = {name for each in wanted.values() for name in each.calls}
    return tuple(
        api_service(name, wanted[name], settings, catalogue, database, cache)
        for name in sorted(wanted, key=lambda name: (name not in called, name))
    )


def api_service(
    name: str,
    wanted: models.Service,
    settings: Settings,
    catalogue: Catalogue,
    database: DatabaseConnection,
    cache: CacheConnection,
) -> Workload:
    have: dict[Credential, Text] = {
        "database-url": database.url,
        "database-password": database.password.text,
        "cache-url": cache.url,
        "cache-password": cache.password.text,
        "api-token": API_TOKEN.text,
    }
    env, secret_env, files = service.credentials(wanted, have)
    asked = set(wanted.credentials.values())
    servers = [
        server
        for kind, server in (("database", database), ("cache", cache))
        if asked & {f"{kind}-url", f"{kind}-password"}
    ]
    reaches: list[Reach] = [server.reach for server in servers]
    reaches += [
        Address(workload=other, port=settings.api.services[other].port) for other in wanted.calls
    ]
    return Workload(
        name=name,
        tier=TIER,
        image=service.image(name, wanted, catalogue, "python", "SIGTERM"),
        env={
            variable: value
            for variable, value in {**_tuning(settings), **wanted.env, **env}.items()
            # A cluster takes each variable once.
            if variable not in secret_env
        },
        secret_env=secret_env,
        files=(*files, *(database.files if "database-url" in asked else ())),
        volumes=_data_volume(name, wanted),
        scratch=_scratch(wanted),
        ports=(service.port(wanted, wanted.metrics),),
        ready=service.health(wanted.ready, wanted),
        alive=service.health(wanted.health, wanted),
        reaches=(*reaches, *service.outside(wanted)),
        starts_after=tuple(name for server in servers for name in server.starts_after),
        resources=service.resources(wanted),
        replicas=service.replicas(wanted),
        exposure=Exposure(endpoint=name, port=wanted.port),
        stop_grace=wanted.stop_grace,
    )


def _tuning(settings: Settings) -> dict[str, str]:
    api = settings.api
    return {
        "LOG_LEVEL": api.log_level,
        "DATABASE_POOL_SIZE": str(api.database_pool),
        "CACHE_POOL_SIZE": str(api.cache_pool),
        "CACHE_TTL_SECONDS": str(api.cache_ttl),
    }


def _scratch(wanted: models.Service) -> tuple[str, ...]:
    """Without the volume's path: one mount would hide the other."""
    kept = normal(wanted.data_volume.path) if wanted.data_volume else None
    return tuple(path for path in wanted.writable if normal(path) != kept)


def _data_volume(name: str, wanted: models.Service) -> tuple[Volume, ...]:
    volume = wanted.data_volume
    return (Volume(name=f"{name}-data", path=volume.path, size=volume.size),) if volume else ()
