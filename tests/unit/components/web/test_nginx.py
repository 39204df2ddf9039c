"""The part of the gateway's configuration that is made from the settings."""

import re
from collections.abc import Mapping
from textwrap import indent
from typing import Any

from components.addresses import Address
from components.settings import Route
from components.web.destinations import Destination
from components.web.locations import Limits
from components.web.nginx import Door, configuration

DESTINATIONS = {
    "frontend": Destination(address=Address(workload="frontend", port=80)),
    "backend": Destination(
        address=Address(workload="backend", port=8000), metrics="/metrics", status="/api/status"
    ),
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
        'set $body_encoding "";\n'
        "if ($http_content_encoding) {\n"
        "    return 415;\n"
        "}\n"
        "client_max_body_size 1m;\n"
        "proxy_read_timeout 15s;\n"
        "proxy_send_timeout 15s;\n"
        "proxy_pass $service;\n"
    )


def test_a_client_cannot_claim_tls_that_ends_at_the_gateway() -> None:
    text = made({"/": "frontend"}, Door(https_port=9443))
    assert block("map $http_x_forwarded_proto $forwarded_proto", text) == "default $scheme;\n"


def test_a_whole_configuration() -> None:
    metrics = "".join(
        f"    location {head} {{\n        return 404;\n    }}\n"
        for head in ("= /metrics", "^~ /metrics/")
    )
    text = made({"/": "frontend", "a.example.com": "frontend"})
    first, second = (indent(block("location /", body), " " * 8) for body in servers(text))
    assert text == (
        'map "" $client_address {\n    default $remote_addr;\n}\n'
        "map $http_x_forwarded_proto $forwarded_proto {\n"
        "    https https;\n"
        "    default $scheme;\n"
        "}\n"
        'map "$forwarded_proto:$upstream_http_strict_transport_security" $hsts {\n'
        '    default "";\n'
        "}\n"
        "server {\n"
        "    listen 8080 default_server;\n"
        "    listen [::]:8080 default_server;\n"
        "    include /etc/gateway/own.conf;\n"
        f"    location / {{\n{first}    }}\n"
        f"{metrics}"
        "}\n"
        "server {\n"
        "    listen 8080;\n"
        "    listen [::]:8080;\n"
        "    server_name a.example.com;\n"
        "    include /etc/gateway/own.conf;\n"
        f"    location / {{\n{second}    }}\n"
        f"{metrics}"
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


def test_the_beginning_of_a_path_is_removed_alone() -> None:
    text = made({"/api/r/": {"to": "reports", "strip_prefix": "/api/"}})
    assert '"~^/api(?<rest>/.*)$" $rest;' in block("map $request_uri $rest_1", text)
    assert 'set $prefix "/api";' in block("location ^~ /api/r/", text)


def test_the_root_has_no_prefix_to_remove() -> None:
    text = made({"/": {"to": "reports", "strip_prefix": True}})
    assert "rest" not in text
    assert 'set $prefix "";' in text


def test_a_path_without_a_slash_is_a_location_of_its_own_too() -> None:
    text = made({"/socket": "reports"})
    assert block("location = /socket", text) == block("location ^~ /socket/", text)
    assert "location = /api {" not in made({"/api/": "backend"})


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
    assert locations(first) == ["/", "= /metrics", "^~ /metrics/"]
    assert locations(second) == ["^~ /b/", "= /metrics", "^~ /metrics/", "/"]
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
    assert hidden({"/b/": {"to": "backend", "strip_prefix": True}}) == {"/b/metrics", "/metrics"}
    assert hidden({"/internal/": "reports"}) == {"/internal/m", "/metrics"}
    assert "location ^~ /internal/m/ {" in made({"/internal/": "reports"})


def test_metrics_are_closed_on_every_host_unless_a_route_names_their_path() -> None:
    first, second = servers(made({"/": "frontend", "a.example.com": "frontend"}))
    for server in (first, second):
        assert block("location = /metrics", server) == "return 404;\n"
        assert block("location ^~ /metrics/", server) == "return 404;\n"
    for path in ("/metrics", "/metrics/"):
        assert hidden({"/": "backend", path: "frontend"}) == set()


def test_another_services_path_is_not_hidden() -> None:
    assert hidden({"/": "reports", "/internal/": "frontend"}) == {"/metrics"}


def test_only_without_a_ready_replica_another_one_says_what_is_down() -> None:
    text = made({"/api/": "backend", "/": "frontend"})
    usual = block("location ^~ /api/", text)
    assert block("location = /api/status", text) == (
        "error_page 502 504 = @unready_2;\n"
        "recursive_error_pages on;\n"
        f"include /etc/gateway/errors.conf;\n{usual}"
    )
    assert block("location @unready_2", text) == usual.replace(
        "//ai-platform-backend$", "//ai-platform-backend-all$"
    )
    assert "@" not in made({"/other/": "backend"})
    # Another service answers at the path, or the route is for the path alone.
    assert "@" not in made({"/api/": "backend", "/api/status": "reports"})
    assert locations(made({"/api/status": "backend"})).count("= /api/status") == 1


def test_a_compressed_body_is_refused_unless_the_route_accepts_it() -> None:
    text = made({"/a/": {"to": "backend", "compressed_bodies": True}, "/b/": "backend"})
    assert "if ($http_content_encoding) {\n    return 415;" in block("location ^~ /b/", text)
    body = block("location ^~ /a/", text)
    assert "set $body_encoding $http_content_encoding;" in body
    assert "415" not in body


def test_with_tls_plain_http_is_redirected_on_both_ports() -> None:
    plain, tls, other = servers(
        made({"/": "frontend", "a.example.com": "backend"}, Door(https_port=9443))
    )
    assert locations(plain) == ["/"]
    assert "include /etc/gateway/own.conf;" in plain
    assert block("location /", plain) == "return 308 https://$host:9443$request_uri;\n"
    assert "listen 8443 ssl default_server;" in tls
    assert "listen 8443 ssl;" in other
    assert all("include /etc/gateway/tls.conf;" in server for server in (tls, other))
    plain_at_tls = "error_page 497 =308 https://$host:9443$request_uri;"
    assert all(plain_at_tls in server for server in (tls, other))
    assert all("listen 8080" not in server for server in (tls, other))


def test_behind_an_ingress_each_server_redirects_to_https() -> None:
    text = made({"/": "frontend", "a.example.com": "backend"}, Door(behind_ingress=True))
    first, second = servers(text)
    # The kubelet asks for the gateway's health.
    assert all(
        'if ($scheme_and_path ~* "^http:(?!/.gateway/)")' in server for server in (first, second)
    )


def test_browsers_stay_on_https_where_the_platform_ends_tls() -> None:
    head = 'map "$forwarded_proto:$upstream_http_strict_transport_security" $hsts'
    for door in (Door(https_port=443, hsts=60), Door(behind_ingress=True, hsts=60)):
        text = made({"/": "frontend"}, door)
        assert block(head, text) == '"https:" "max-age=60";\ndefault "";\n'
    for door in (Door(hsts=60), Door(https_port=443)):
        assert block(head, made({"/": "frontend"}, door)) == 'default "";\n'


def test_limits_are_for_each_client() -> None:
    limits = Limits(rate=20, connections=7)
    text = made({"/": "frontend", "/a/": "backend"}, Door(limits=limits))
    assert "limit_req_zone $client_address zone=clients:2m rate=20r/s;" in text
    assert "limit_conn_zone $client_address zone=connections:2m;" in text
    for head in ("location /", "location ^~ /a/"):
        assert "limit_req zone=clients burst=100 nodelay;" in block(head, text)
        assert "limit_conn connections 7;" in block(head, text)
    assert "limit_" not in made({"/": "frontend"})


def test_a_route_may_have_a_rate_limit_of_its_own() -> None:
    for limits, others in ((Limits(rate=20), "zone=clients burst=100"), (Limits(), None)):
        routes = {"/": "frontend", "/a/": {"to": "reports", "rate_limit": 3}}
        text = made(routes, Door(limits=limits))
        assert "limit_req_zone $client_address zone=route_2:2m rate=3r/s;" in text
        assert "limit_req zone=route_2 burst=15 nodelay;" in block("location ^~ /a/", text)
        assert (others or "limit_req") in block("location /", text) or others is None


def test_the_order_of_the_settings_changes_nothing() -> None:
    routes = {"/b/": {"to": "reports", "strip_prefix": True}, "/": "frontend", "/a/": "backend"}
    assert made(routes) == made(dict(reversed(routes.items())))
