"""The page behind the gateway: ours, or an image of the user's own."""

from collections.abc import Iterator, Mapping

from components import http_service, values
from components.api import ServiceConnection
from components.cache.connection import CacheConnection
from components.catalogue import Catalogue
from components.settings import Settings
from components.web import TIER
from components.web.exporter import exporter, status_directory
from components.workload import Workload

NAME = "frontend"


def frontend(
    settings: Settings,
    catalogue: Catalogue,
    services: Mapping[str, ServiceConnection],
    cache: CacheConnection,
) -> Iterator[Workload]:
    """The page's workload, if the stack has one. It reaches what its values refer to."""
    page = settings.web.frontend
    if page is None:
        return
    socket = page.status_socket
    own = values.of(page, values.meanings(settings, None, cache))
    called = [services[name] for name in page.services]
    uses_cache = any(reference.startswith("cache.") for reference in page.references)
    caches = [cache] if uses_cache else []
    yield Workload(
        name=NAME,
        tier=TIER,
        # nginx finishes open requests after SIGQUIT; a socket says that the image has nginx.
        image=http_service.image(
            "web", page, catalogue, "nginx", stop_signal="SIGQUIT" if socket else "SIGTERM"
        ),
        command=tuple(page.command),
        env=own.env,
        secret_env=own.secret_env,
        files=own.files,
        scratch=tuple(page.writable),
        shared=(status_directory(NAME, socket),) if socket else (),
        ports=(http_service.port(page),),
        ready=http_service.health(page.ready, page),
        alive=http_service.health(page.health, page),
        reaches=(
            *(server.reach for server in caches),
            *(service.address for service in called),
            *http_service.outside(page),
        ),
        starts_after=(
            *(part for server in caches for part in server.starts_after),
            *(part for service in called for part in service.starts_after),
        ),
        resources=http_service.resources(page),
        replicas=http_service.replicas(page),
        stop_grace=page.stop_grace,
        sidecars=(exporter(NAME, catalogue, socket),) if socket else (),
    )
