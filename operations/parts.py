"""What a stack file describes, for verbs that stop and start parts of the running stack."""

from collections.abc import Iterator

from components.addresses import Address
from components.api import ApiTier
from components.cache.tier import CacheTier
from components.catalogue import Catalogue
from components.data.tier import DataTier
from components.observability.tier import ObservabilityTier
from components.settings import Settings
from components.targets.order import order
from components.tier import Description
from components.web.tier import WebTier
from components.workload import Job, Part, Workload


def described(settings: Settings, stack: str) -> tuple[Description, ...]:
    """The parts of a stack in the order in which they start."""
    catalogue = Catalogue(settings)
    data, cache = DataTier(settings, catalogue), CacheTier(settings, catalogue)
    api = ApiTier(settings, catalogue, data.connections, cache.connection)
    web = WebTier(settings, catalogue, api.services, cache.connection)
    others = (data, cache, api, web)
    scraped = [target for tier in others for target in tier.scrape_targets]
    observability = ObservabilityTier(settings, catalogue, scraped, web.front_door, stack)
    return order(part for tier in (*others, observability) for part in tier.parts)


def writers(parts: tuple[Description, ...], server: Address, *readers: str) -> list[str]:
    """The names of what keeps running, or runs on a schedule, and reaches this server, in the order
    in which it starts. `readers` and the server's exporters only read."""
    return [
        part.name
        for part in _clients(parts, server)
        if part.name not in readers
        and not (isinstance(part, Workload) and part.metrics_of == server.workload)
        and not (isinstance(part, Job) and part.schedule is None)
    ]


def releases(parts: tuple[Description, ...], server: Address) -> list[Job]:
    """The jobs that run once for each release and reach this server, in their order: they create
    roles, databases and the schema of this release. Running one again is safe."""
    return [
        part for part in _clients(parts, server) if isinstance(part, Job) and part.schedule is None
    ]


def _clients(parts: tuple[Description, ...], server: Address) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, Part) and server in part.reaches:
            yield part
