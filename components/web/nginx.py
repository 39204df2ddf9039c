"""The part of the gateway's nginx configuration that is made from the settings: routes.conf.

gateway/ has the part that does not depend on them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.settings import GATEWAY_PORT, OWN, TLS_PORT, Route, place
from components.web.destinations import Destination
from components.web.locations import (
    DIRECTORY,
    UNLIMITED,
    Limits,
    Lines,
    Located,
    block,
    locations,
    rests,
)


@dataclass(frozen=True, kw_only=True)
class Door:
    """How clients come to the gateway.

    `https_port` is the port at which they reach it over TLS; None where TLS does not end here.
    `behind_ingress`: TLS ends at an Ingress, which is the only client. `hsts` is for how many
    seconds browsers use HTTPS only.
    """

    https_port: int | None = None
    behind_ingress: bool = False
    hsts: int = 0
    limits: Limits = UNLIMITED


def configuration(
    routes: Mapping[str, Route], destinations: Mapping[str, Destination], door: Door
) -> str:
    """The content of routes.conf."""
    placed = sorted((place(key), route) for key, route in routes.items())
    located = [
        Located(place=at, route=route, destination=destinations[route.to], number=number)
        for number, (at, route) in enumerate(placed, 1)
    ]
    lines = [*_clients(door), *_zones(located, door.limits), *_hsts(door), *rests(located)]
    if door.https_port:
        lines += _redirecting_server(door.https_port)
    # The server without a name answers for every host that no other server names.
    for host in sorted({"", *(here.place.host for here in located)}):
        site = [here for here in located if here.place.host == host]
        lines += block("server", [*_head(host, door), *locations(site, door.limits)])
    return "\n".join(lines) + "\n"


def _clients(door: Door) -> Lines:
    """Whose requests count together, those of one address, and the scheme that clients used.

    Behind an Ingress the address is the last one in the header, which the controller appended.
    Without one, the client could have forged the header.
    """
    if door.behind_ingress:
        last = f'"~{_LAST_ADDRESS}" $last_address;'
        yield from block("map $http_x_forwarded_for $client_address", [last, _CONNECTION])
    else:
        yield from block('map "" $client_address', [_CONNECTION])
    # TLS may end at an Ingress, or at a proxy of the user's before a port that is published on
    # loopback. Where it ends at the gateway, a client could claim it.
    claims = [] if door.https_port else ["https https;"]
    yield from block("map $http_x_forwarded_proto $forwarded_proto", [*claims, "default $scheme;"])


def _zones(routes: Sequence[Located], limits: Limits) -> Lines:
    """The memory in which nginx counts what clients send. A megabyte is enough for 8,000 of
    them."""
    rates = {here.zone: here.route.rate_limit for here in routes if here.route.rate_limit}
    for zone, rate in {"clients": limits.rate, **rates}.items():
        if rate:
            yield f"limit_req_zone $client_address zone={zone}:2m rate={rate}r/s;"
    if limits.connections:
        yield "limit_conn_zone $client_address zone=connections:2m;"


def _hsts(door: Door) -> Lines:
    """The header by which browsers use HTTPS only. It is for answers over TLS, and a service may
    send its own."""
    lines = ['default "";']
    if door.hsts and (door.https_port or door.behind_ingress):
        lines = [f'"https:" "max-age={door.hsts}";', *lines]
    key = '"$forwarded_proto:$upstream_http_strict_transport_security"'
    yield from block(f"map {key} $hsts", lines)


_CONNECTION = "default $remote_addr;"
# Without its brackets and the port, which is another one for each connection. An address with one
# colon is IPv4 with a port.
_LAST_ADDRESS = (
    r"(?:^|[, ])\[?(?<last_address>[0-9]+\.[0-9.]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)\]?(?::[0-9]+)? *$"
)


def _redirecting_server(https_port: int) -> Iterator[str]:
    """Plain HTTP where TLS ends at the gateway: for health checks, and to redirect all else."""
    redirect = block("location /", [f"return 308 {_https(https_port)};"])
    own = f"include {DIRECTORY}/own.conf;"
    yield from block("server", [*_listen(GATEWAY_PORT, "default_server"), own, *redirect])


def _https(port: int) -> str:
    """The address of the same page over TLS."""
    return f"https://$host{'' if port == 443 else f':{port}'}$request_uri"


def _head(host: str, door: Door) -> Lines:
    """What a server has before its locations."""
    default = "" if host else "default_server"
    if door.https_port:
        yield from _listen(TLS_PORT, "ssl", default)
        yield f"include {DIRECTORY}/tls.conf;"
        # Plain HTTP at the port of TLS, which is the only one that an engine publishes.
        yield f"error_page 497 =308 {_https(door.https_port)};"
    else:
        yield from _listen(GATEWAY_PORT, default)
    if host:
        yield f"server_name {host};"
    yield f"include {DIRECTORY}/own.conf;"
    if door.behind_ingress:
        # All but what the gateway answers itself: its health, and an error before the redirect.
        yield 'set $scheme_and_path "$http_x_forwarded_proto:$uri";'
        yield from block(
            f'if ($scheme_and_path ~* "^http:(?!{OWN}/)")', [f"return 308 {_https(443)};"]
        )


def _listen(port: int, *options: str) -> Lines:
    """start.sh leaves out the line for IPv6 if the kernel lacks it."""
    for address in (str(port), f"[::]:{port}"):
        yield f"{' '.join(['listen', address, *filter(None, options)])};"
