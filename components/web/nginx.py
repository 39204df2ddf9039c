"""The part of the gateway's nginx configuration that is made from the settings: routes.conf.

gateway/ has the part that does not depend on them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.settings import GATEWAY_PORT, TLS_PORT, Route, place
from components.web.destinations import Destination
from components.web.locations import Lines, Located, block, locations, rests

DIRECTORY = "/etc/gateway"


@dataclass(frozen=True, kw_only=True)
class Door:
    """How clients come to the gateway.

    `https_port` is the port at which they reach it over TLS; None where TLS does not end here.
    `behind_ingress`: TLS ends at an Ingress, which is the only client. `rate_limit` is in requests
    per second of one address.
    """

    https_port: int | None = None
    behind_ingress: bool = False
    rate_limit: int | None = None


def configuration(
    routes: Mapping[str, Route], destinations: Mapping[str, Destination], door: Door
) -> str:
    """The content of routes.conf."""
    placed = sorted((place(key), route) for key, route in routes.items())
    located = [
        Located(place=at, route=route, destination=destinations[route.to], number=number)
        for number, (at, route) in enumerate(placed, 1)
    ]
    lines = [*_clients(door), *rests(located)]
    if door.https_port:
        lines += _redirecting_server(door.https_port)
    # The server without a name answers for every host that no other server names.
    for host in sorted({"", *(here.place.host for here in located)}):
        site = [here for here in located if here.place.host == host]
        lines += block("server", [*_head(host, door), *locations(site, door.rate_limit)])
    return "\n".join(lines) + "\n"


def _clients(door: Door) -> Lines:
    """Whose requests count together, those of one address, and the scheme that clients used.

    Behind an Ingress the address is the last one in the header, which the controller appended.
    Without one, the client could have forged the header.
    """
    if door.behind_ingress:
        last = '"~(?<last_address>[0-9A-Fa-f.:]+) *$" $last_address;'
        yield from block("map $http_x_forwarded_for $client_address", [last, _CONNECTION])
    else:
        yield from block('map "" $client_address', [_CONNECTION])
    # TLS may end at an Ingress, or at a proxy of the user's before a port that is published on
    # loopback. Where it ends at the gateway, a client could claim it.
    claims = [] if door.https_port else ["https https;"]
    yield from block("map $http_x_forwarded_proto $forwarded_proto", [*claims, "default $scheme;"])
    if door.rate_limit:
        yield f"limit_req_zone $client_address zone=clients:2m rate={door.rate_limit}r/s;"


_CONNECTION = "default $remote_addr;"


def _redirecting_server(https_port: int) -> Iterator[str]:
    """Plain HTTP where TLS ends at the gateway: for health checks, and to redirect all else."""
    port = "" if https_port == 443 else f":{https_port}"
    redirect = block("location /", [f"return 308 https://$host{port}$request_uri;"])
    yield from block("server", [*_listen(GATEWAY_PORT, "default_server"), *_health(), *redirect])


def _head(host: str, door: Door) -> Lines:
    """What a server has before its locations."""
    default = "" if host else "default_server"
    if door.https_port:
        yield from _listen(TLS_PORT, "ssl", default)
        yield f"include {DIRECTORY}/tls.conf;"
    else:
        yield from _listen(GATEWAY_PORT, default)
    if host:
        yield f"server_name {host};"
    yield f"include {DIRECTORY}/errors.conf;"
    if door.behind_ingress:
        # The kubelet's health checks do not come through the Ingress.
        checks = "" if host else "(?!health$)"
        yield 'set $came "$http_x_forwarded_proto:$uri";'
        yield from block(
            f'if ($came ~ "^http:/{checks}")', ["return 308 https://$host$request_uri;"]
        )
    if not host:
        yield from _health()


def _listen(port: int, *options: str) -> Lines:
    """start.sh leaves out the line for IPv6 if the kernel lacks it."""
    for address in (str(port), f"[::]:{port}"):
        yield f"{' '.join(['listen', address, *filter(None, options)])};"


def _health() -> Lines:
    answer = 'return 200 \'{"status":"ok"}\\n\';'
    yield from block(
        "location = /health", ["access_log off;", "default_type application/json;", answer]
    )
