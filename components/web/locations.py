"""The locations of the gateway's nginx configuration: what it does with the requests of a route."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from components.addresses import unready_name
from components.settings import Place, Route, largest
from components.web.destinations import Destination

# nginx writes a larger body to no file, because /tmp may be in memory.
BUFFERED_BODY = "1m"
# How many seconds' worth of requests a client may send at once.
BURST = 5
METRICS = "/metrics"
# Where the gateway has its configuration.
DIRECTORY = "/etc/gateway"

Lines = Iterator[str]
Locations = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What each client may send: requests per second, and requests at the same time."""

    rate: int | None = None
    connections: int | None = None


UNLIMITED = Limits()


@dataclass(frozen=True, kw_only=True)
class Located:
    """A route with its place and its service. `number` is its own among those of the stack."""

    place: Place
    route: Route
    destination: Destination
    number: int

    @property
    def prefix(self) -> str:
        """What is removed from the path before the service gets it."""
        return self.route.removed(self.place)

    @property
    def rest(self) -> str:
        """The variable with the path and query that are left without the prefix."""
        return f"$rest_{self.number}"

    @property
    def zone(self) -> str:
        """The memory in which nginx counts the requests of each client."""
        return f"route_{self.number}" if self.route.rate_limit else "clients"


def block(head: str, lines: Iterable[str]) -> Lines:
    yield f"{head} {{"
    yield from (f"    {line}" for line in lines)
    yield "}"


def rests(routes: Sequence[Located]) -> Lines:
    """The variables of routes that remove a prefix. Paths stay encoded as the client sent them."""
    for located in routes:
        if located.prefix:
            prefix = re.escape(located.prefix)
            lines = (
                f'"~^{prefix}(?<rest>/.*)$" $rest;',
                f'"~^{prefix}(?<query>[?].*)?$" /$query;',
                'default "";',
            )
            yield from block(f"map $request_uri {located.rest}", lines)


def locations(site: Sequence[Located], limits: Limits) -> Lines:
    """The locations of one host."""
    for head, body in _locations(site, limits).items():
        yield from block(f"location {head}", body)


def _locations(site: Sequence[Located], limits: Limits) -> Locations:
    """The lines of each location. A path that has two meanings keeps the first one."""
    not_found = ["return 404;"]
    heads: Locations = {}
    for located in site:
        heads |= _status(located, site, limits)
    for located in site:
        for head in _heads(located.place):
            heads.setdefault(head, list(_body(located, limits)))
    for path in _metrics(site):
        heads.setdefault(f"= {path}", not_found)
        heads.setdefault(f"^~ {path}/", not_found)
    heads.setdefault("/", not_found)
    return heads


def _heads(place: Place) -> Iterator[str]:
    """The locations of a route."""
    if place.path == "/":
        yield "/"
        return
    # Without a location of its own, nginx redirects the path without the slash to the one with it.
    if place.path == place.folder:
        yield f"= {place.path}"
    yield f"^~ {place.folder}/"


def _status(located: Located, site: Sequence[Located], limits: Limits) -> Locations:
    """The path at which the service says what is down.

    Replicas that are not ready may answer, but only if none is ready: those that start or stop
    would lose requests.
    """
    destination = located.destination
    path = f"{located.prefix}{destination.status}"
    if destination.status is None or _route_of(path, site) is not located:
        return {}
    body, unready = list(_body(located, limits)), f"@unready_{located.number}"
    fallback = [
        f"error_page 502 504 = {unready};",
        "recursive_error_pages on;",
        f"include {DIRECTORY}/errors.conf;",
    ]
    service = _service(destination.address.host, located)
    every = _service(unready_name(destination.address.workload), located)
    return {
        f"= {path}": [*fallback, *body],
        unready: [every if line == service else line for line in body],
    }


def _service(host: str, located: Located) -> str:
    return f"set $service http://{host}$search_domain:{located.destination.address.port};"


def _body(located: Located, limits: Limits) -> Lines:
    route = located.route
    yield f"set $route {located.place};"
    yield _service(located.destination.address.host, located)
    yield f'set $prefix "{located.prefix}";'
    if route.compressed_bodies:
        yield "set $body_encoding $http_content_encoding;"
    else:
        yield 'set $body_encoding "";'
        yield from block("if ($http_content_encoding)", ["return 415;"])
    if rate := route.rate_limit or limits.rate:
        yield f"limit_req zone={located.zone} burst={rate * BURST} nodelay;"
    if limits.connections:
        yield f"limit_conn connections {limits.connections};"
    yield f"client_max_body_size {route.max_body_size};"
    yield f"proxy_read_timeout {route.silence}s;"
    yield f"proxy_send_timeout {route.silence}s;"
    if route.stream:
        yield f"client_body_timeout {route.silence}s;"
        yield "proxy_buffering off;"
        yield "gzip off;"
    if route.stream or largest((BUFFERED_BODY, route.max_body_size)) != BUFFERED_BODY:
        yield "proxy_request_buffering off;"
    if not located.prefix:
        yield "proxy_pass $service;"
        return
    yield from _redirects(located.prefix)
    # A client may write the prefix in other ways, such as `/%72eports/`. None needs to.
    yield from block(f'if ({located.rest} = "")', ["return 404;"])
    yield f"proxy_pass $service{located.rest};"


def _redirects(prefix: str) -> Lines:
    """A service that does not know its prefix redirects to paths without it. The first that fits
    counts."""
    for scheme in ("http", "https"):
        yield f"proxy_redirect {scheme}://$host_and_port{prefix}/ {prefix}/;"
        yield f"proxy_redirect {scheme}://$host_and_port/ {prefix}/;"
    yield f'proxy_redirect "~^/(?!/|{re.escape(prefix[1:])}/)(?<target>.*)$" {prefix}/$target;'


def _metrics(site: Sequence[Located]) -> list[str]:
    """The paths of metrics on this host, which are for Prometheus only.

    They are the usual path, and those of the services. A route of the path itself publishes it.
    """
    paths = {METRICS}
    for located in site:
        metrics = (located.destination.metrics or "").rstrip("/")
        path = f"{located.prefix}{metrics}"
        if metrics and _route_of(path, site) is located:
            paths.add(path)
    return sorted(paths - {located.place.folder for located in site})


def _route_of(path: str, site: Sequence[Located]) -> Located | None:
    """The route of a path: the one with the longest place above it."""
    above = [here for here in site if f"{path}/".startswith(f"{here.place.folder}/")]
    return max(above, key=lambda here: len(here.place.folder), default=None)
