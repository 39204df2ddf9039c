"""The gateway: nginx in front of everything that people reach from outside."""

from collections.abc import Mapping
from pathlib import Path

from components import http_service, plain_files
from components.addresses import Address
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port
from components.settings import ENDPOINT, GATEWAY_PORT, OWN, TLS_PORT, Settings, largest
from components.text import SECRETS, Secret, Text
from components.web import TIER
from components.web.destinations import Destination
from components.web.exporter import exporter, status_directory
from components.web.locations import DIRECTORY, Limits
from components.web.nginx import Door, configuration
from components.workload import Exposure, Workload

NAME = "gateway"
# In a directory that belongs to nginx' user in the images of both catalogues.
SOCKET = "/var/cache/nginx/status.sock"
# Seconds between the end of open requests and the end of the grace period.
BEFORE_KILL = 10


def front_door(settings: Settings) -> Address:
    """Where people enter."""
    return Address(workload=NAME, port=TLS_PORT if settings.certificate else GATEWAY_PORT)


def gateway(
    settings: Settings, catalogue: Catalogue, destinations: Mapping[str, Destination]
) -> Workload:
    """It reaches what its routes name, and nothing else."""
    web = settings.web
    own = web.gateway
    certificate = _certificate(settings)
    return Workload(
        name=NAME,
        tier=TIER,
        image=catalogue.image("nginx"),
        entrypoint=("sh", f"{DIRECTORY}/start.sh"),
        env={"SHUTDOWN_SECONDS": str(own.stop_grace - BEFORE_KILL)},
        files=(*_files(settings, destinations), *certificate),
        scratch=("/tmp",),
        shared=(status_directory(NAME, SOCKET),),
        ports=(
            Port(name="http", number=GATEWAY_PORT),
            *((Port(name="https", number=TLS_PORT),) if certificate else ()),
        ),
        ready=_health(),
        alive=_health(),
        reaches=tuple(destination.address for destination in destinations.values()),
        starts_after=tuple(
            dict.fromkeys(
                part for service in destinations.values() for part in service.starts_after
            )
        ),
        resources=http_service.resources(own),
        replicas=http_service.replicas(own),
        exposure=Exposure(
            endpoint=ENDPOINT,
            port=front_door(settings).port,
            scheme="https" if certificate else "http",
            public=True,
            hosts=settings.hosts,
            max_body_size=largest(route.max_body_size for route in web.routes.values()),
            timeout=max(route.silence for route in web.routes.values()),
            streams=any(route.stream for route in web.routes.values()),
        ),
        stop_grace=own.stop_grace,
        sidecars=(exporter(NAME, catalogue, SOCKET),),
    )


def _health() -> Health:
    return Health(ask=Http(path=f"{OWN}/health", port=GATEWAY_PORT))


def _files(settings: Settings, destinations: Mapping[str, Destination]) -> tuple[File, ...]:
    """nginx' configuration: the files in gateway/, and the routes."""
    own = settings.web.gateway
    door = Door(
        https_port=_https_port(settings),
        behind_ingress=bool(settings.hosts),
        hsts=own.hsts,
        limits=Limits(rate=own.rate_limit, connections=own.connection_limit),
    )
    routes = Text(template=configuration(settings.web.routes, destinations, door))
    static = dict(plain_files.texts("gateway"))
    return tuple(
        File(path=f"{DIRECTORY}/{name}", content=text)
        for name, text in sorted({**static, "routes.conf": routes}.items())
        if settings.certificate or name != "tls.conf"
    )


def _https_port(settings: Settings) -> int | None:
    """The port at which people reach TLS, to which plain HTTP is redirected."""
    if settings.certificate is None:
        return None
    return settings.published_port(ENDPOINT) or TLS_PORT


def _certificate(settings: Settings) -> tuple[File, ...]:
    """The certificate and its key as files. The settings' rules have checked that they exist."""
    tls = settings.certificate
    if tls is None:
        return ()
    return tuple(
        File(
            path=f"{SECRETS}/{name}",
            content=Secret(name=name.replace(".", "-"), value=Path(path).read_text()).text,
        )
        for name, path in (("tls.crt", tls.certificate), ("tls.key", tls.key))
    )
