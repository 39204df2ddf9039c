"""The locations of the gateway's nginx configuration: what it does with the requests of a route."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from components.settings import Place, Route, largest
from components.web.destinations import Destination

# nginx writes a larger body to no file, because /tmp may be in memory.
BUFFERED_BODY = "1m"
# How many seconds' worth of requests an address may send at once.
BURST = 5

Lines = Iterator[str]


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
        return self.place.folder if self.route.strip_prefix else ""

    @property
    def rest(self) -> str:
        """The variable with the path and query that are left without the prefix."""
        return f"$rest_{self.number}"


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


def locations(site: Sequence[Located], rate_limit: int | None) -> Lines:
    """The locations of one host."""
    for located in site:
        yield from _location(located, list(_body(located, rate_limit)))
    for path in _metrics(site):
        yield from block(f"location = {path}", ["return 404;"])
        yield from block(f"location ^~ {path}/", ["return 404;"])
    if all(located.place.path != "/" for located in site):
        yield from block("location /", ["return 404;"])


def _location(located: Located, body: Sequence[str]) -> Lines:
    path, folder = located.place.path, located.place.folder
    if path == "/":
        yield from block("location /", body)
        return
    # Without a location of its own, nginx redirects the path without the slash to the one with it.
    if path == folder:
        yield from block(f"location = {path}", body)
    yield from block(f"location ^~ {folder}/", body)


def _body(located: Located, rate_limit: int | None) -> Lines:
    address, route = located.destination.address, located.route
    yield f"set $route {located.place};"
    yield f"set $service http://{address.host}$search_domain:{address.port};"
    yield f'set $prefix "{located.prefix}";'
    if rate_limit:
        yield f"limit_req zone=clients burst={rate_limit * BURST} nodelay;"
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


def _metrics(site: Sequence[Located]) -> Lines:
    """The paths at which services of this host have metrics, which are for Prometheus only.

    A route of the path itself publishes it.
    """
    for located in site:
        metrics = (located.destination.metrics or "").rstrip("/")
        path = f"{located.prefix}{metrics}"
        if metrics and _route_of(path, site) is located and path != located.place.folder:
            yield path


def _route_of(path: str, site: Sequence[Located]) -> Located | None:
    """The route of a path: the one with the longest place above it."""
    above = [here for here in site if f"{path}/".startswith(f"{here.place.folder}/")]
    return max(above, key=lambda here: len(here.place.folder), default=None)
