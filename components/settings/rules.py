"""Rules that hold across settings."""

from collections.abc import Iterator
from difflib import get_close_matches
from ipaddress import ip_address
from math import ceil
from pathlib import Path

from components.settings import (
    cluster_rules,
    container_rules,
    mode_rules,
    name_rules,
    secret_rules,
)
from components.settings.defaults import BACKEND
from components.settings.models import DockerPorts, Settings, Workload
from components.settings.problems import Problem
from components.settings.values import mebibytes

ROOT = Path(__file__).parents[2]

# PostgreSQL keeps three connections for superusers by default; the exporter holds one, the
# health check one at a time, and one is left for an operator.
RESERVED_CONNECTIONS = 6
# The share of a service's replicas, rounded up, that a roll-out on a cluster starts beside those
# that run: Kubernetes' own default.
SURGE = 0.25
# A Redis above three quarters of its limit has no room for a rewrite of its append-only file.
CACHE_SHARE = 0.75


def broken(settings: Settings) -> Iterator[Problem]:
    """Every broken rule."""
    for rule in (
        mode_rules.broken,
        _images,
        _memory,
        _requests,
        _connections,
        name_rules.broken,
        _services,
        container_rules.broken,
        _receiver,
        _exposure,
        secret_rules.broken,
        cluster_rules.broken,
    ):
        yield from rule(settings)


def _images(settings: Settings) -> Iterator[Problem]:
    workloads = {"web": settings.web} | {
        f"api.services.{name}": service for name, service in settings.api.services.items()
    }
    for path, workload in workloads.items():
        if (workload.image is None) == (workload.build is None):
            found = "neither" if workload.image is None else "both"
            yield Problem(path=path, found=found, allowed="either `image` or `build`")
        if workload.build and not (ROOT / workload.build / "Dockerfile").is_file():
            yield Problem(
                path=f"{path}.build",
                found=repr(workload.build),
                allowed="a directory that has a Dockerfile, from the project's root",
            )
    registry = settings.registry
    if registry and (registry.user is None) != (registry.password is None):
        yield Problem(path="registry", allowed="both `user` and `password`, or neither")


def _memory(settings: Settings) -> Iterator[Problem]:
    limit = int(mebibytes(settings.cache.memory) * CACHE_SHARE)
    if mebibytes(settings.cache.maxmemory) > limit:
        yield Problem(
            path="cache.maxmemory",
            found=repr(settings.cache.maxmemory),
            allowed=f"at most {limit}Mi: 75 % of cache.memory ({settings.cache.memory})",
        )


def _requests(settings: Settings) -> Iterator[Problem]:
    workloads = {"web": settings.web} | {
        f"api.services.{name}": service for name, service in settings.api.services.items()
    }
    for path, workload in workloads.items():
        asked = workload.memory_request
        if asked and mebibytes(asked) > mebibytes(workload.memory):
            yield Problem(
                path=f"{path}.memory_request",
                found=repr(asked),
                allowed=f"at most the limit, {workload.memory}",
            )
        if workload.cpu_request and workload.cpu_request > workload.cpu:
            yield Problem(
                path=f"{path}.cpu_request",
                found=str(workload.cpu_request),
                allowed=f"at most the limit, {workload.cpu:g}",
            )


def _connections(settings: Settings) -> Iterator[Problem]:
    data = settings.data
    if data.mode == "external":
        return
    pool = settings.api.database_pool
    surge = SURGE if settings.target == "kubernetes" else 0
    clients = sum(
        # What owns a volume is replaced where it stands.
        service.replicas.max + (0 if service.data_volume else ceil(service.replicas.max * surge))
        for service in settings.api.services.values()
        if any(credential.startswith("database-") for credential in service.credentials.values())
    )
    needed = clients * pool + RESERVED_CONNECTIONS
    rolled = " in a roll-out" if surge else ""
    why = (
        f"{clients} replicas{rolled} with api.database_pool {pool} each, and "
        f"{RESERVED_CONNECTIONS} for superusers, exporter and health check"
    )
    if data.pooler and data.pooler.mode == "transaction":
        # A client waits its turn, for the time of a transaction.
        return
    if data.pooler:
        # All clients may meet at one of them, each on a connection of its own.
        needed = clients * pool * data.pooler.instances + RESERVED_CONNECTIONS
        why += f", for each of {data.pooler.instances} poolers"
    if needed > data.max_connections:
        yield Problem(
            path="data.max_connections",
            found=str(data.max_connections),
            allowed=f"at least {needed}: {why}",
        )


def _services(settings: Settings) -> Iterator[Problem]:
    services = settings.api.services
    yield from _replicas("web", settings.web)
    if BACKEND not in services:
        yield Problem(
            path=f"api.services.{BACKEND}", found="null", allowed="a service: the web tier needs it"
        )
    for name, service in services.items():
        path = f"api.services.{name}"
        for called in service.calls:
            if called not in services:
                nearest = get_close_matches(called, services, n=1)
                yield Problem(
                    path=f"{path}.calls",
                    found=repr(called),
                    allowed="a service: " + ", ".join(sorted(services)),
                    nearest=nearest[0] if nearest else None,
                )
        yield from _replicas(path, service)
        if service.data_volume and service.replicas.max > 1:
            yield Problem(
                path=f"{path}.replicas",
                found=str(service.replicas.max),
                allowed="1, as `data_volume` has one writer",
            )


def _replicas(path: str, workload: Workload) -> Iterator[Problem]:
    wanted = workload.replicas
    if wanted.min > wanted.max:
        yield Problem(
            path=f"{path}.replicas.min",
            found=str(wanted.min),
            allowed=f"at most replicas.max, {wanted.max}",
        )


def _receiver(settings: Settings) -> Iterator[Problem]:
    receiver = settings.observability.receiver
    if receiver.webhook and receiver.mail:
        yield Problem(
            path="observability.receiver", found="both", allowed="either `webhook` or `mail`"
        )


def _exposure(settings: Settings) -> Iterator[Problem]:
    if settings.target != "docker":
        return
    docker = settings.docker
    if not ip_address(docker.bind).is_loopback and docker.tls is None:
        yield Problem(
            path="docker.bind",
            found=repr(docker.bind),
            allowed="a loopback address, or any with docker.tls",
        )
    for key in ("certificate", "key") if docker.tls else ():
        path = Path(getattr(docker.tls, key))
        if not path.is_file():
            yield Problem(
                path=f"docker.tls.{key}", found=repr(str(path)), allowed="a file that can be read"
            )
    yield from _ports(settings)


def _ports(settings: Settings) -> Iterator[Problem]:
    endpoints = {"web", "grafana", "prometheus", "alertmanager", *settings.api.services}
    taken: dict[int, str] = {}
    for name, port in settings.docker.ports.by_endpoint().items():
        if name not in endpoints:
            if name in DockerPorts.model_fields:
                continue  # the port that a default service would have had
            nearest = get_close_matches(name, endpoints, n=1)
            yield Problem(
                path=f"docker.ports.{name}",
                found="an endpoint that the stack has not",
                allowed=", ".join(sorted(endpoints)),
                nearest=nearest[0] if nearest else None,
            )
        if port is not None and taken.setdefault(port, name) != name:
            yield Problem(
                path=f"docker.ports.{name}",
                found=str(port),
                allowed=f"a port of its own: {taken[port]} has this one",
            )
