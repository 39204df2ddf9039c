"""The page's nginx configuration and build, read as text."""

import os
import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[4] / "images" / "web"
CONFIGS = [WEB / "nginx" / "nginx.conf", WEB / "nginx" / "security-headers.conf"]
SCRIPTS = sorted((WEB / "docker-entrypoint.d").iterdir())
DOCKERFILE = (WEB / "Dockerfile").read_text()


def read(path: Path) -> str:
    """A file without its comments."""
    return re.sub(r"(?m)^\s*#.*\n", "", path.read_text())


MAIN = read(WEB / "nginx" / "nginx.conf")
EVERYTHING = "\n".join(read(path) for path in CONFIGS)


def location(head: str) -> str:
    """The body of a location of the page's server, which is the last one."""
    server = MAIN.rpartition("    server {")[2]
    match = re.search(re.escape(f"location {head} {{") + r"\n(.*?)\n        \}", server, re.DOTALL)
    assert match is not None, head
    return match[1]


def test_metrics_is_not_found() -> None:
    """Fault 2: /metrics returned the page."""
    assert "return 404" in location("^~ /metrics")
    assert set(re.findall(r"\S*metrics\S*", EVERYTHING)) == {"/metrics"}


def test_no_path_is_rewritten_and_nothing_is_proxied() -> None:
    """Fault 5: a rewrite broke the page's assets."""
    assert re.findall(r"\b(?:rewrite|alias|sub_filter|proxy_pass)\b", EVERYTHING) == []


def test_missing_assets_are_not_found_and_only_navigation_gets_the_page() -> None:
    assert location("^~ /assets/").strip() == "try_files $uri =404;"
    assert location(r"~ \.[A-Za-z0-9]+$").strip() == "try_files $uri =404;"
    assert location("/").strip() == "try_files $uri $navigation_page =404;"
    assert not (WEB / "page" / "none").exists()


def test_a_location_never_drops_the_security_headers() -> None:
    """nginx inherits add_header only in a location that adds no headers itself."""
    headers = [line for line in MAIN.splitlines() if "add_header" in line]
    assert headers == ["        add_header Cache-Control $cache_control;"]
    assert "        include security-headers.conf;" in MAIN.splitlines()


def test_no_log_can_contain_a_token_or_a_query() -> None:
    log_format = MAIN[MAIN.index("log_format") : MAIN.index("access_log")]
    variables = set(re.findall(r"\$(\w+)", log_format))
    assert "path_only" in variables
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


def test_the_version_is_not_disclosed() -> None:
    assert "server_tokens off;" in MAIN


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_start_scripts_are_executable_shell(script: Path) -> None:
    """The base image ignores files that are not executable."""
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/bin/sh\n")


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
