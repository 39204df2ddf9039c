"""The web tier: the gateway, through which everything is reached, and the page behind it."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from components.settings import capacity, http_service, paths, references, routes
from components.settings.addresses import Host, PortNumber
from components.settings.base import Model
from components.settings.build_context import BuildContext
from components.settings.capacity import Capacity
from components.settings.http_service import HttpService
from components.settings.places import Place, RouteKey, place
from components.settings.problems import Problem
from components.settings.reference_services import fixed_port, program
from components.settings.routes import RateLimit, RouteSetting
from components.settings.shapes import Memory, Path, Seconds, User

if TYPE_CHECKING:
    from components.settings.stack import Settings

ENDPOINT = "web"
# The port of nginx's exporter, which shares a pod with its nginx, and the gateway's own ports.
EXPORTER_PORT, GATEWAY_PORT, TLS_PORT = 9113, 8080, 8443

# What our page needs. An image of the user's own gets none of it.
_OUR_PAGE: Mapping[str, Any] = {
    "build": "images/web",
    "health": "/health",
    "status_socket": "/var/run/web/status.sock",
}


class Gateway(Capacity):
    """The front door: nginx from the catalogue, whose configuration is made from the routes."""

    EXAMPLE = """
        config:
          ai-platform:web:
            gateway:
              replicas: 2
              memory: 128Mi
              stop_grace: 330         # a roll-out lets an answer of five minutes finish
              rate_limit: 20          # per second and client; more get the status 429
    """

    memory: Memory = Field("64Mi", description="The memory limit of each replica.")
    stop_grace: Annotated[int, Field(ge=15, le=3600)] = Field(
        30,
        description="The time that the gateway has to finish its requests before it is killed, in "
        "seconds. It cuts open requests 10 s before.",
    )
    rate_limit: RateLimit | None = Field(
        100,
        description="How many requests per second each replica accepts from one client; five "
        "seconds' worth may come at once. Further requests get the status 429. A client is one "
        "address, with IPv6 too; behind an Ingress it is the one that its controller saw. `null` "
        "for no limit, for example behind a proxy of your own, which is one address for all of "
        "its users.",
    )
    connection_limit: RateLimit | None = Field(
        500,
        description="How many requests and WebSockets of one client each replica serves at the "
        "same time. Further ones get the status 429. `null` for no limit.",
    )
    hsts: Annotated[int, Field(ge=0, le=63_072_000)] = Field(
        31_536_000,
        description="How long browsers use HTTPS only, in seconds, once they have seen a host over "
        "TLS. The header `Strict-Transport-Security` says so where TLS ends at the gateway or at "
        "the Ingress, unless the service sends its own. 0 sends none.",
    )


class Frontend(HttpService):
    """The page behind the gateway: ours, or an image of your own on any port."""

    EXAMPLE = """
        config:
          ai-platform:web:
            frontend:
              image: registry.example.com/acme/page:2.1.0   # instead of our images/web
              port: 80
              writable: [/tmp, /var/cache/nginx, /run]
    """

    user: User = Field(
        "101:101",
        description="The UID and GID that the process runs as. UID 0 is rejected; GID 0 is "
        "allowed.",
    )
    port: PortNumber = Field(
        8080, description="The port that the service listens on. Ports below 1024 work too."
    )
    health: Path = Field(
        "/",
        description="The liveness path. It answers with status 2xx unless the process must be "
        "restarted. The default of our page is `/health`.",
    )
    status_socket: Path | None = Field(
        None,
        description="The Unix socket of nginx's stub_status, which the exporter reads; null if the "
        "image does not have one. The exporter shares the socket's directory. The default of our "
        "page is `/var/run/web/status.sock`.",
    )
    memory: Memory = Field("64Mi", description="The memory limit of each replica.")
    # nginx gives open requests 20 s.
    stop_grace: Seconds = Field(
        30,
        description="The time that the service has to finish its requests before it is killed, in "
        "seconds.",
    )


def _our_page(value: Any) -> Any:
    """Our page, unless the settings name an image or a build."""
    if isinstance(value, dict) and not value.get("image") and not value.get("build"):
        return {**_OUR_PAGE, **value}
    return value


class Web(Model):
    """The web tier: the gateway, through which people reach everything, and the page behind it."""

    EXAMPLE = """
        config:
          ai-platform:web:
            host: ai.example.com
            routes:
              /reports/: reports
              reports.example.com: {to: reports, stream: true}
            gateway: {replicas: 2}
            frontend:
              image: registry.example.com/acme/page:2.1.0
              port: 80
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
    """

    host: Host | None = Field(
        None,
        description="The main host name, such as `ai.example.com`. On a cluster the Ingress leads "
        "it to the gateway, as it does the hosts of routes.",
    )
    routes: dict[RouteKey, RouteSetting] = Field(
        default_factory=dict,
        description="Which service answers where, by `/path`, `host` or `host/path`. The default "
        "routes are `/: frontend` and `/api/: backend`; what you set here changes them. `null` "
        "removes one.",
    )
    gateway: Gateway = Field(Gateway(), description="The gateway.")
    frontend: Annotated[Frontend, BeforeValidator(_our_page)] | None = Field(
        default_factory=dict,
        validate_default=True,
        description="The page: ours, or an image of your own. `null` for no page.",
    )

    @model_validator(mode="before")
    @classmethod
    def _with_default_routes(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        chosen = value.get("routes", {})
        if not isinstance(chosen, dict):
            return value
        page = value.get("frontend", {}) is not None
        return {**value, "routes": routes.with_defaults(chosen, page=page)}

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that lead to the gateway."""
        named = (place(key).host for key in self.routes)
        return tuple(sorted({host for host in (self.host, *named) if host}))

    def place_of(self, endpoint: str) -> Place | None:
        """Where people reach an endpoint: at a host of its own, or at a path of the main host.

        None if no route leads to it.
        """
        if endpoint == ENDPOINT:
            return Place(host="", path="/")
        places = (place(key) for key, route in self.routes.items() if route.to == endpoint)
        return min(places, key=lambda here: (not here.host, here), default=None)


def rules(settings: "Settings") -> Iterator[Problem]:
    web = settings.web
    yield from routes.rules(settings)
    yield from capacity.rules("web.gateway", web.gateway)
    if web.frontend:
        yield from _frontend(web.frontend, settings)


def _frontend(page: Frontend, settings: "Settings") -> Iterator[Problem]:
    yield from http_service.rules("web.frontend", page)
    socket = {}
    if page.status_socket:
        if page.port == EXPORTER_PORT:
            yield Problem(
                path="web.frontend.port",
                found=str(page.port),
                allowed="another port: the exporter beside it uses this one",
            )
        directory = str(PurePosixPath(page.status_socket).parent)
        socket["web.frontend.status_socket"] = directory
        if any(paths.same(directory, entry) for entry in page.writable):
            yield Problem(
                path="web.frontend.status_socket",
                found=repr(page.status_socket),
                allowed="a directory that is not in web.frontend.writable: the platform makes it "
                "writable",
            )
    if page.build == BuildContext(context=str(_OUR_PAGE["build"])):
        yield from fixed_port("web.frontend", page.port, Frontend.model_fields["port"].default)
    yield from paths.rules("web.frontend", page.writable, socket, list(page.files), program(page))
    yield from references.rules("web.frontend", page, settings, None)
