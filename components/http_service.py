"""Translates the settings of an HTTP service into the vocabulary."""

from components.addresses import Outside
from components.catalogue import Catalogue
from components.container import Health, Http, Identity, Image, Port, Resources
from components.settings import Capacity, HttpService, ImageName, mebibytes
from components.workload import Replicas

# How often Prometheus scrapes services that serve requests.
SCRAPE_INTERVAL = "10s"


def image(
    name: str,
    service: HttpService,
    catalogue: Catalogue,
    base: ImageName,
    stop_signal: str = "SIGTERM",
) -> Image:
    """The image that the settings name, or the one that they build."""
    uid, gid = service.user.split(":")
    build = catalogue.build(name, service.build, base) if service.build else None
    return Image(
        reference=catalogue.pushed(build) if build else catalogue.mirrored(service.image or ""),
        identity=Identity(uid=int(uid), gid=int(gid)),
        stop_signal=stop_signal,
        build=build,
    )


def health(path: str | None, service: HttpService) -> Health:
    """A health check of one of the service's paths, by default that of its liveness."""
    return Health(
        ask=Http(path=path or service.health, port=service.port),
        start_budget=service.start_budget,
    )


def port(service: HttpService, metrics: str | None = None) -> Port:
    return Port(
        name="http",
        number=service.port,
        metrics=metrics,
        scrape_interval=SCRAPE_INTERVAL if metrics else None,
    )


def resources(service: Capacity) -> Resources:
    request = service.memory_request
    return Resources(
        memory=mebibytes(service.memory),
        cpu=service.cpu,
        memory_request=mebibytes(request) if request else None,
        cpu_request=service.cpu_request,
    )


def replicas(service: Capacity) -> Replicas:
    count = service.replicas
    return Replicas(min=count.min, max=count.max, cpu_target=count.cpu_target)


def outside(service: HttpService) -> tuple[Outside, ...]:
    return tuple(
        Outside(name=server.name, ports=tuple(server.ports), cidrs=tuple(server.cidrs or ()))
        for server in service.outside
    )
