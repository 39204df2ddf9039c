"""The API tier: any number of HTTP services; `backend` and `decision` are the default ones."""

from collections.abc import Mapping
from dataclasses import dataclass

from components import (
    file_copies,
    http_service,
    models,
    service_jobs,
    values,
    volume_exporter,
)
from components.addresses import Address, Reach
from components.cache.connection import CacheConnection
from components.catalogue import Catalogue
from components.data.connection import BACKUP_PART, DatabaseConnection
from components.settings import Service, Settings, normal
from components.tier import Login, Tier
from components.values import API_TOKEN
from components.volumes import Volume
from components.workload import Exposure, Workload


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
        databases: Mapping[str, DatabaseConnection],
        cache: CacheConnection,
    ) -> None:
        services = settings.api.services
        self.services = {
            name: ServiceConnection(
                address=Address(workload=name, port=service.port), starts_after=(name,)
            )
            for name, service in services.items()
        }
        workloads = {
            name: describe(name, settings, catalogue, databases.get(name), cache)
            for name in services
        }
        parts = [
            part
            for name, service in services.items()
            for part in service_jobs.parts(
                file_copies.beside(
                    volume_exporter.beside(workloads[name], catalogue),
                    settings,
                    catalogue,
                    BACKUP_PART,
                ),
                service,
                scheduler=settings.has_scheduler,
            )
        ]
        generated = {
            secret.name.removeprefix("secret."): secret
            for secret in values.user_secrets(settings)
            if secret.keep
        }
        logins: dict[str, Login] = {"api": {"token": API_TOKEN}}
        super().__init__(parts, logins=logins | ({"secrets": generated} if generated else {}))


def describe(
    name: str,
    settings: Settings,
    catalogue: Catalogue,
    database: DatabaseConnection | None,
    cache: CacheConnection,
) -> Workload:
    """The workload of one service that the settings name."""
    service = settings.api.services[name]
    meanings = values.meanings(settings, database, cache)
    own_values = values.of(service, meanings)
    uses_cache = any(reference.startswith("cache.") for reference in service.references)
    servers: list[DatabaseConnection | CacheConnection] = [
        *([database] if database else []),
        *([cache] if uses_cache else []),
    ]
    callees = [
        Address(workload=callee, port=settings.api.services[callee].port)
        for callee in service.callees
        if callee != name
    ]
    reaches: list[Reach] = [server.reach for server in servers]
    return Workload(
        name=name,
        tier=ApiTier.name,
        named_by=f"api.services.{name}",
        image=http_service.image(name, service, catalogue, "python"),
        command=tuple(service.command),
        env=own_values.env,
        secret_env=own_values.secret_env,
        files=(*own_values.files, *(database.files if database else ())),
        volumes=(*_data_volume(name, service), *models.volumes(name, service)),
        existing=models.existing(name, service),
        init=models.steps(name, service, catalogue, http_service.resources(service), meanings),
        placement=service.placement,
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
        reached_unready=service.status is not None,
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
            callees = set(services[pending.pop()].callees) - names
            names |= callees
            pending.extend(callees)
        return names

    return tuple(callee for callee in services[name].callees if name not in reachable(callee))


def _scratch(service: Service) -> tuple[str, ...]:
    """The writable paths without the volume's path, where one mount would hide the other."""
    volume = service.data_volume
    volume_path = normal(volume.path) if volume else None
    return tuple(path for path in service.writable if normal(path) != volume_path)


def _data_volume(name: str, service: Service) -> tuple[Volume, ...]:
    volume = service.data_volume
    if volume is None:
        return ()
    return (Volume(name=f"{name}-data", path=volume.path, size=volume.size, foreign=True),)
