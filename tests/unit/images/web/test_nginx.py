"""The web image's nginx configuration and build, read as text."""

import os
import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[4] / "images" / "web"
TEMPLATES = sorted((WEB / "nginx" / "templates").iterdir())
CONFIGS = [WEB / "nginx" / "nginx.conf", WEB / "nginx" / "security-headers.conf", *TEMPLATES]
SCRIPTS = sorted((WEB / "docker-entrypoint.d").iterdir())
DOCKERFILE = (WEB / "Dockerfile").read_text()


def read(path: Path) -> str:
    """A file without its comments."""
    return re.sub(r"(?m)^\s*#.*\n", "", path.read_text())


MAIN = read(WEB / "nginx" / "nginx.conf")
SITE = read(WEB / "nginx" / "templates" / "site.inc.template")
TLS = read(WEB / "nginx" / "templates" / "tls.conf.template")
EVERYTHING = "\n".join(read(path) for path in CONFIGS)


def location(head: str, text: str = SITE) -> str:
    """The body of one location. Our locations contain braces only in variables."""
    match = re.search(re.escape(f"location {head} {{") + r"\n(.*?)\n\}", text, re.DOTALL)
    assert match is not None, head
    return match[1]


def test_metrics_is_not_found_and_never_proxied() -> None:
    """Fault 2: /metrics returned the page."""
    assert "return 404" in location("^~ /metrics")
    # Apart from its location, only the redirect to HTTPS names it, to exclude it.
    named = {'"^on:http:/(?!health$|metrics)")', "/metrics"}
    assert set(re.findall(r"\S*metrics\S*", EVERYTHING)) == named


def test_no_path_is_rewritten() -> None:
    """Fault 5: a rewrite broke the page's assets."""
    assert re.findall(r"\b(?:rewrite|alias|sub_filter)\b", EVERYTHING) == []


def test_missing_assets_are_not_found_and_only_navigation_gets_the_page() -> None:
    assert location("^~ /assets/").strip() == "try_files $uri =404;"
    assert location(r"~ \.[A-Za-z0-9]+$").strip() == "try_files $uri =404;"
    assert location("/").strip() == "try_files $uri $navigation_page =404;"
    assert not (WEB / "page" / "none").exists()


def test_the_api_is_proxied_by_a_name_that_nginx_resolves_again() -> None:
    """Fault 7: the page has one origin. With a variable nginx resolves the name while it runs."""
    body = location("^~ /api/")
    assert "resolver ${NGINX_LOCAL_RESOLVERS} valid=5s;" in body
    assert "set $api http://${API_HOST}:${API_PORT};" in body
    assert re.findall(r"proxy_pass\s+(\S+);", EVERYTHING) == ["$api"]
    assert "non_idempotent" not in EVERYTHING


def test_every_variable_of_a_template_is_substituted_and_has_a_default() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", EVERYTHING))
    match = re.search(r"NGINX_ENVSUBST_FILTER=\^\(([A-Z_|]+)\)\\\$", DOCKERFILE)
    assert match is not None
    assert used == set(match[1].split("|"))
    defaults = set(re.findall(r"(?m)^(?:ENV)?\s+([A-Z_]+)=", DOCKERFILE))
    assert used - defaults == {"NGINX_LOCAL_RESOLVERS"}
    assert "NGINX_ENTRYPOINT_LOCAL_RESOLVERS" in defaults


def test_a_location_never_drops_the_security_headers() -> None:
    """nginx inherits add_header only in a location that adds no headers itself."""
    headers = [line for line in SITE.splitlines() if "add_header" in line]
    assert headers
    assert [line for line in headers if line.startswith(" ")] == []
    assert "include security-headers.conf;" in SITE.splitlines()


def test_no_log_can_contain_a_token_or_a_query() -> None:
    variables = set(re.findall(r"\$(\w+)", MAIN[MAIN.index("log_format") :]))
    assert "web_request_id" in variables
    assert variables & {"request", "request_uri", "args", "query_string", "http_referer"} == set()
    assert [name for name in variables if "auth" in name or "cookie" in name] == []
    assert EVERYTHING.count("log_format") == 1


def test_files_are_written_below_the_declared_paths_only() -> None:
    paths = re.findall(r"(?:pid|\w+_temp_path|access_log|error_log) (/\S+?)[; ]", EVERYTHING)
    assert len(paths) == 8
    allowed = ("/tmp/", "/dev/stdout", "/dev/stderr")
    assert [path for path in paths if not path.startswith(allowed)] == []
    assert "listen unix:/var/run/web/status.sock;" in MAIN


def test_configuration_has_no_unnamed_captures() -> None:
    """CVE-2026-42945, in every nginx before 1.30.1, requires unnamed captures."""
    assert re.findall(r"\$\d", EVERYTHING) == []


def test_directives_that_nginx_1_22_lacks_are_not_used() -> None:
    """`http2 on` needs 1.25.1, and `resolve` in an upstream needs 1.27.3."""
    newer = r"\bhttp2\b|\bserver\s+\S+\s+resolve\b|\bupstream\s+\w+\s*\{"
    assert re.findall(newer, EVERYTHING) == []


def test_tls_is_1_2_or_later_and_plain_http_keeps_only_health() -> None:
    assert re.findall(r"ssl_protocols (.+);", TLS) == ["TLSv1.2 TLSv1.3"]
    plain = TLS[TLS.index("listen 8080;") :]
    assert re.findall(r"location (.+) \{", plain) == ["= /health", "/"]
    assert "return 308 https://$host:${HTTPS_PORT}$request_uri;" in plain


def test_both_servers_listen_on_ipv6_in_lines_that_can_be_left_out() -> None:
    """25-web.sh deletes whole lines if the kernel has no IPv6."""
    lines = [line.strip() for path in TEMPLATES for line in read(path).splitlines()]
    listens = [line for line in lines if line.startswith("listen")]
    assert sorted(listens) == sorted(
        ["listen 8080;", "listen [::]:8080;"] * 2 + ["listen 8443 ssl;", "listen [::]:8443 ssl;"]
    )


def test_the_version_is_not_disclosed() -> None:
    assert "server_tokens off;" in MAIN


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_start_scripts_are_executable_shell(script: Path) -> None:
    """The base image ignores files that are not executable."""
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/bin/sh\n")


def test_start_scripts_run_before_and_after_the_templates_are_rendered() -> None:
    """The base image renders in 20-envsubst-on-templates.sh, with the name servers from 15-…"""
    assert [script.name for script in SCRIPTS] == ["16-web.envsh", "25-web.sh"]


def test_the_build_context_holds_exactly_what_the_dockerfile_copies() -> None:
    copied = set(re.findall(r"(?m)^COPY (\S+?)/? ", DOCKERFILE))
    ignore = (WEB / ".dockerignore").read_text().splitlines()
    assert ignore[0] == "*"
    assert {line.removeprefix("!") for line in ignore[1:]} == copied
    assert all((WEB / name).is_dir() for name in copied)


def test_the_image_builds_on_any_base_and_names_a_fixed_one() -> None:
    """Fault 10: no `latest`. The classic builder supports neither --mount nor --chmod."""
    match = re.search(r"(?m)^ARG BASE=(\S+):(\S+)\nFROM \$\{BASE\}$", DOCKERFILE)
    assert match is not None
    assert re.fullmatch(r"\d+\.\d+\.\d+-\w+", match[2])
    assert re.findall(r"--mount|--chmod|<<", DOCKERFILE) == []
    instructions = re.findall(r"(?m)^(USER|STOPSIGNAL) (\S+)", DOCKERFILE)
    assert instructions == [("USER", "root"), ("USER", "101"), ("STOPSIGNAL", "SIGQUIT")]
