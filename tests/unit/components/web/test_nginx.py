"""The part of the gateway's configuration that is made from the settings."""

import re
from collections.abc import Mapping
from textwrap import indent
from typing import Any

from components.addresses import Address
from components.settings import Route
from components.web.destinations import Destination
from components.web.nginx import Door, configuration

DESTINATIONS = {
    "frontend": Destination(address=Address(workload="frontend", port=80)),
    "backend": Destination(address=Address(workload="backend", port=8000), metrics="/metrics"),
    "reports": Destination(address=Address(workload="reports", port=9), metrics="/internal/m/"),
}


def made(routes: Mapping[str, Any], door: Door | None = None) -> str:
    models = {
        key: Route(to=route) if isinstance(route, str) else Route.model_validate(route)
        for key, route in routes.items()
    }
    return configuration(models, DESTINATIONS, door or Door())


def block(head: str, text: str) -> str:
    """The body of the first block with this head, without its indentation."""
    match = re.search(rf"^( *){re.escape(head)} \{{\n(.*?)^\1\}}$", text, re.DOTALL | re.MULTILINE)
    assert match is not None, head
    return re.sub(rf"(?m)^{match[1]}    ", "", match[2])


def servers(text: str) -> list[str]:
    found = re.findall(r"^server \{\n(.*?)^\}$", text, re.DOTALL | re.MULTILINE)
    return [re.sub("(?m)^    ", "", body) for body in found]


def locations(text: str) -> list[str]:
    return re.findall(r"location (.+) \{", text)


def test_a_route_is_a_location_that_resolves_its_service_again() -> None:
    assert block("location ^~ /api/", made({"/api/": "backend"})) == (
        "set $route /api/;\n"
        "set $service http://ai-platform-backend$search_domain:8000;\n"
        'set $prefix "";\n'
        "client_max_body_size 1m;\n"
        "proxy_read_timeout 15s;\n"
        "proxy_send_timeout 15s;\n"
        "proxy_pass $service;\n"
    )


def test_a_client_cannot_claim_tls_that_ends_at_the_gateway() -> None:
    text = made({"/": "frontend"}, Door(https_port=9443))
    assert block("map $http_x_forwarded_proto $forwarded_proto", text) == "default $scheme;\n"


def test_a_whole_configuration() -> None:
    health = (
        "    location = /health {\n"
        "        access_log off;\n"
        "        default_type application/json;\n"
        '        return 200 \'{"status":"ok"}\\n\';\n'
        "    }\n"
    )
    text = made({"/": "frontend", "a.example.com": "frontend"})
    first, second = (indent(block("location /", body), " " * 8) for body in servers(text))
    assert text == (
        'map "" $client_address {\n    default $remote_addr;\n}\n'
        "map $http_x_forwarded_proto $forwarded_proto {\n"
        "    https https;\n"
        "    default $scheme;\n"
        "}\n"
        "server {\n"
        "    listen 8080 default_server;\n"
        "    listen [::]:8080 default_server;\n"
        "    include /etc/gateway/errors.conf;\n"
        f"{health}"
        f"    location / {{\n{first}    }}\n"
        "}\n"
        "server {\n"
        "    listen 8080;\n"
        "    listen [::]:8080;\n"
        "    server_name a.example.com;\n"
        "    include /etc/gateway/errors.conf;\n"
        f"    location / {{\n{second}    }}\n"
        "}\n"
    )


def test_a_prefix_is_removed_without_decoding_the_rest() -> None:
    text = made({"/r.s/": {"to": "reports", "strip_prefix": True}})
    assert block("map $request_uri $rest_1", text) == (
        '"~^/r\\.s(?<rest>/.*)$" $rest;\n"~^/r\\.s(?<query>[?].*)?$" /$query;\ndefault "";\n'
    )
    body = block("location ^~ /r.s/", text)
    assert 'set $prefix "/r.s";' in body
    assert 'if ($rest_1 = "") {\n    return 404;\n}\nproxy_pass $service$rest_1;\n' in body
    assert 'proxy_redirect "~^/(?!/|r\\.s/)(?<target>.*)$" /r.s/$target;' in body


def test_the_root_has_no_prefix_to_remove() -> None:
    text = made({"/": {"to": "reports", "strip_prefix": True}})
    assert "rest" not in text
    assert 'set $prefix "";' in text


def test_a_path_without_a_slash_is_a_location_of_its_own_too() -> None:
    text = made({"/socket": "reports"})
    assert block("location = /socket", text) == block("location ^~ /socket/", text)
    assert "location = /api" not in made({"/api/": "backend"})


def test_a_route_that_streams_collects_nothing_and_waits() -> None:
    body = block("location ^~ /s/", made({"/s/": {"to": "reports", "stream": True}}))
    assert set(body.splitlines()) >= {
        "proxy_buffering off;",
        "proxy_request_buffering off;",
        "gzip off;",
        "proxy_read_timeout 3600s;",
        "proxy_send_timeout 3600s;",
        "client_body_timeout 3600s;",
    }


def test_a_large_body_is_written_to_no_file() -> None:
    """/tmp may be in memory."""
    for size, passed_on in (("512k", False), ("1m", False), ("1025k", True), ("2g", True)):
        text = made({"/r/": {"to": "reports", "max_body_size": size}})
        assert f"client_max_body_size {size};" in text
        assert ("proxy_request_buffering off;" in text) == passed_on


def test_each_host_has_a_server_with_its_own_routes() -> None:
    first, second = servers(made({"/": "frontend", "a.example.com/b/": "backend"}))
    assert locations(first) == ["= /health", "/"]
    assert locations(second) == ["^~ /b/", "/"]
    assert "server_name a.example.com;" in second
    assert block("location /", second) == "return 404;\n"


def test_a_path_without_a_route_is_not_found() -> None:
    (server,) = servers(made({"/api/": "backend"}))
    assert block("location /", server) == "return 404;\n"


def hidden(routes: Mapping[str, Any]) -> set[str]:
    text = made(routes)
    exact = {head.removeprefix("= ") for head in locations(text) if head.startswith("= ")}
    return {path for path in exact if block(f"location = {path}", text) == "return 404;\n"}


def test_a_services_metrics_are_not_passed_on() -> None:
    assert hidden({"a.example.com": "backend"}) == {"/metrics"}
    assert hidden({"/b/": {"to": "backend", "strip_prefix": True}}) == {"/b/metrics"}
    assert hidden({"/b/": "backend"}) == set()
    assert hidden({"/internal/": "reports"}) == {"/internal/m"}
    assert hidden({"/": "frontend"}) == set()
    assert "location ^~ /internal/m/ {" in made({"/internal/": "reports"})


def test_another_services_path_is_not_hidden() -> None:
    assert hidden({"/": "backend", "/metrics/": "frontend"}) == set()
    assert hidden({"/": "backend", "/metrics": "backend"}) == set()
    assert hidden({"/": "reports", "/internal/": "frontend"}) == set()


def test_with_tls_plain_http_keeps_only_health() -> None:
    plain, tls, other = servers(
        made({"/": "frontend", "a.example.com": "backend"}, Door(https_port=9443))
    )
    assert locations(plain) == ["= /health", "/"]
    assert block("location /", plain) == "return 308 https://$host:9443$request_uri;\n"
    assert "listen 8443 ssl default_server;" in tls
    assert "listen 8443 ssl;" in other
    assert all("include /etc/gateway/tls.conf;" in server for server in (tls, other))
    assert all("listen 8080" not in server for server in (tls, other))


def test_behind_an_ingress_each_server_redirects_to_https() -> None:
    text = made({"/": "frontend", "a.example.com": "backend"}, Door(behind_ingress=True))
    first, second = servers(text)
    # The kubelet asks for the gateway's health, and on other hosts the path is the service's.
    assert 'if ($came ~ "^http:/(?!health$)")' in first
    assert 'if ($came ~ "^http:/")' in second


def test_a_client_is_an_address_that_it_cannot_forge() -> None:
    at_the_edge = made({"/": "frontend"})
    assert block('map "" $client_address', at_the_edge) == "default $remote_addr;\n"
    behind = made({"/": "frontend"}, Door(behind_ingress=True))
    assert block("map $http_x_forwarded_for $client_address", behind) == (
        '"~(?<last_address>[0-9A-Fa-f.:]+) *$" $last_address;\ndefault $remote_addr;\n'
    )


def test_a_rate_limit_is_for_each_address_and_not_for_health() -> None:
    text = made({"/": "frontend", "/a/": "backend"}, Door(rate_limit=20))
    assert "limit_req_zone $client_address zone=clients:2m rate=20r/s;" in text
    for head in ("location /", "location ^~ /a/"):
        assert "limit_req zone=clients burst=100 nodelay;" in block(head, text)
    assert "limit_req" not in block("location = /health", text)
    assert "limit_req" not in made({"/": "frontend"})


def test_the_order_of_the_settings_changes_nothing() -> None:
    routes = {"/b/": {"to": "reports", "strip_prefix": True}, "/": "frontend", "/a/": "backend"}
    assert made(routes) == made(dict(reversed(routes.items())))
