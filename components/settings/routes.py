"""The routes: which service answers at which host and path."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from components.settings.base import Model
from components.settings.places import OWN, PATH, Place, owner, place
from components.settings.problems import Problem, nearest
from components.settings.reference_services import BACKEND
from components.settings.shapes import Path, Seconds, Shape

if TYPE_CHECKING:
    from components.settings.stack import Settings

PAGE = "frontend"
GRAFANA = "grafana"
DEFAULTS: Mapping[str, str] = {"/": PAGE, "/api/": BACKEND}
# These have no login, so no route may lead to them.
WITHOUT_LOGIN = ("prometheus", "alertmanager")
# Seconds. The longest silence of a service, and of one that streams.
TIMEOUT, STREAM_TIMEOUT = 15, 3600


def _short(value: Any) -> Any:
    """`/reports/: reports` is short for `/reports/: {to: reports}`."""
    return {"to": value} if isinstance(value, str) else value


def _prefix(value: Any) -> Any:
    path = isinstance(value, str) and PATH.fullmatch(value) and value.rstrip("/")
    if not path and not isinstance(value, bool):
        raise ValueError("true, false, or the beginning of the route's path, such as `/api/`")
    return value


Prefix = Annotated[bool | str, BeforeValidator(_prefix, json_schema_input_type=bool | str)]
RateLimit = Annotated[int, Field(ge=1, le=100_000)]
BodySize = Annotated[str, Shape(r"^[1-9]\d{0,5}[kmg]$", "a size such as `512k`, `10m` or `2g`")]


class Route(Model):
    """Which service answers at a host and path, as a name or a mapping. A key `/path` is for every
    host that no other route names, `host` for a whole host, and `host/path` for a path there; the
    longest path counts. `/reports/` is for all below it, and `/reports` is redirected there;
    `/socket` is for itself and for all below it. WebSockets work on every route. A service's
    metrics are passed on only by a route that names their path.
    """

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
          ai-platform:web:
            host: ai.example.com
            routes:
              /api/: {to: backend, max_body_size: 10m}
              /reports/:                    # https://ai.example.com/reports/today
                to: reports
                strip_prefix: true          # is /today for the service
                rate_limit: 5               # per second and client; more get the status 429
                timeout: 300                # a model's answer may take five minutes
              /api/events/:                 # is /events/… for the service
                to: reports
                strip_prefix: /api/
                stream: true                # passes each piece of an answer on at once
              reports.example.com: {to: reports, probe: /ready}
              metrics.example.com: grafana
    """

    # A stack file need not repeat the name for a default route.
    model_config = ConfigDict(json_schema_extra=lambda schema: schema.pop("required"))

    to: str = Field(
        description="The service: `frontend`, an API service, or `grafana`. Required, except for "
        "a default route. Prometheus and Alertmanager have no login, so no route leads to them."
    )
    strip_prefix: Prefix = Field(
        False,
        description="Whether the service gets the path without the whole path of this route, or "
        "without this beginning of it. The header `X-Forwarded-Prefix` has what was removed, and "
        "relative redirects get it back.",
    )
    max_body_size: BodySize = Field(
        "1m",
        description="The size of the largest request body, such as `10m`. A larger one gets the "
        "status 413.",
    )
    compressed_bodies: bool = Field(
        False,
        description="Whether request bodies may be compressed. The size limit does not know what "
        "they become, so by default a request with `Content-Encoding` gets the status 415.",
    )
    rate_limit: RateLimit | None = Field(
        None,
        description="How many requests per second each client may send to this route, instead of "
        "`web.gateway.rate_limit`. They are counted apart from those to other routes.",
    )
    timeout: Seconds | None = Field(
        None,
        description="How long the service may stay silent, before its answer or between two "
        "pieces of it, in seconds. The default is 15 s, or an hour with `stream`. A WebSocket is "
        "closed after this time without a message.",
    )
    stream: bool = Field(
        False,
        description="Passes each piece of requests and answers on at once: for server-sent events, "
        "streamed answers and WebSockets.",
    )
    probe: Path | Literal[False] | None = Field(
        None,
        description="The path below this route at which the service answers with status 2xx or "
        "3xx without a login; it is asked every ten seconds, and an alert fires when it fails. By "
        "default the service's `health` is asked if the route leads to it; otherwise any answer "
        "below 500 to a HEAD request of the route will do. `false` for no probe.",
    )

    @property
    def silence(self) -> int:
        """The longest silence of the service, in seconds."""
        return self.timeout or (STREAM_TIMEOUT if self.stream else TIMEOUT)

    def removed(self, here: Place) -> str:
        """What is removed from a path before the service gets it. The route is at this place."""
        if isinstance(self.strip_prefix, str):
            return self.strip_prefix.rstrip("/")
        return here.folder if self.strip_prefix else ""


RouteSetting = Annotated[Route, BeforeValidator(_short, json_schema_input_type=str | Route | None)]


def with_defaults(routes: Mapping[str, Any], *, page: bool) -> dict[str, Any]:
    """The stack's routes merged into the default ones. `null` removes a route.

    Without a page, its default route goes too.
    """
    defaults: dict[str, Any] = {
        key: {"to": to} for key, to in DEFAULTS.items() if page or to != PAGE
    }
    merged = {key: _over(defaults.get(key, {}), route) for key, route in routes.items()}
    return {key: route for key, route in {**defaults, **merged}.items() if route is not None}


def _over(default: Mapping[str, Any], route: Any) -> Any:
    return {**default, **route} if isinstance(route, dict) else route


def largest(sizes: Iterable[str]) -> str:
    """The largest of these sizes, as it is written."""
    units = {"k": 1, "m": 1024, "g": 1024**2}
    return max(sizes, key=lambda size: int(size[:-1]) * units[size[-1]])


def targets(settings: "Settings") -> list[str]:
    """The names that a route of this stack may lead to."""
    page = [PAGE] if settings.web.frontend else []
    return [*page, *settings.api.services, *([GRAFANA] if settings.has_grafana else [])]


def rules(settings: "Settings") -> Iterator[Problem]:
    routes = settings.web.routes
    if not routes:
        yield Problem(path="web.routes", found="no route", allowed="at least one route")
    yield from _places(settings)
    allowed = targets(settings)
    for key, route in routes.items():
        if route.to not in allowed:
            yield _wrong_target(f"web.routes.{key}", route.to, allowed, settings)
        else:
            yield from _prefixes(f"web.routes.{key}.strip_prefix", place(key), route)
            yield from _probe(key, route, routes)


def _prefixes(path: str, here: Place, route: Route) -> Iterator[Problem]:
    removed = route.removed(here)
    found = repr(removed) if removed else "false"
    if route.to == GRAFANA and removed != here.folder:
        yield Problem(
            path=path, found=found, allowed="true below a path, or a host for Grafana alone"
        )
    elif removed and not f"{here.folder}/".startswith(f"{removed}/"):
        yield Problem(
            path=path, found=found, allowed=f"true, or the beginning of the route's {here.path}"
        )


def _probe(key: str, route: Route, routes: Iterable[str]) -> Iterator[Problem]:
    """A probe must ask the service of its route."""
    if not route.probe:
        return
    here = place(key)
    asked = Place(host=here.host, path=f"{here.folder}{route.probe}")
    other = owner(routes, asked)
    if other != key:
        yield Problem(
            path=f"web.routes.{key}.probe",
            found=f"{asked}, where {f'the route {other}' if other else 'the gateway'} answers",
            allowed="a path at which this route's service answers",
        )


def _places(settings: "Settings") -> Iterator[Problem]:
    """Every key must name a place of its own."""
    first: dict[tuple[str, str], str] = {}
    for key in settings.web.routes:
        path, here = f"web.routes.{key}", place(key)
        if here.host and here.host == settings.web.host:
            yield Problem(
                path=path,
                found=f"web.host, {here.host}",
                allowed=f"{here.path}: paths without a host are for web.host",
            )
        if f"{here.folder}/".startswith(f"{OWN}/"):
            yield Problem(
                path=path,
                found=repr(here.path),
                allowed=f"another path: the gateway itself answers below {OWN}/",
            )
        earlier = first.setdefault((here.host, here.folder), key)
        if earlier != key:
            yield Problem(
                path=path,
                found=repr(key),
                allowed=f"a place that is listed once: {earlier} is the same one",
            )


def _wrong_target(path: str, to: str, allowed: list[str], settings: "Settings") -> Problem:
    if to in WITHOUT_LOGIN:
        where = "kubectl port-forward" if settings.target == "kubernetes" else f"docker.ports.{to}"
        return Problem(
            path=path,
            found=f"{to}, which has no login",
            allowed=f"{', '.join(allowed)}; reach {to} with {where}",
        )
    reasons = {
        PAGE: f"{to}, but web.frontend is null",
        GRAFANA: f"{to}, but this stack has no Grafana",
        BACKEND: f"{to}, which this stack does not have",
    }
    return Problem(
        path=path,
        found=reasons.get(to, repr(to)),
        allowed=f"{', '.join(allowed)}; null removes a default route",
        nearest=nearest(to, allowed),
    )
