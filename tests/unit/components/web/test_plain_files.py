"""The gateway's plain files, read as text."""

import re

from tests.unit.describing import ROOT

DIRECTORY = ROOT / "gateway"


def read(name: str) -> str:
    """A file without its comments."""
    return re.sub(r"(?m)^\s*#.*\n", "", (DIRECTORY / name).read_text())


MAIN, ERRORS, TLS = read("nginx.conf"), read("errors.conf"), read("tls.conf")
EVERYTHING = MAIN + ERRORS + TLS + read("own.conf")


def test_headers_are_added_in_one_place_only() -> None:
    """nginx inherits add_header only in a location that adds no headers itself."""
    headers = re.findall(r"(?m)^( *)add_header (\S+) \S+ always;$", EVERYTHING)
    assert {space for space, _ in headers} == {"    "}
    assert EVERYTHING.count("add_header") == len(headers)


def test_only_headers_that_break_no_application_are_added() -> None:
    """The page's own nginx sends a policy for the page."""
    names = set(re.findall(r"add_header (\S+)", EVERYTHING))
    assert names == {
        *("X-Content-Type-Options", "Referrer-Policy", "Retry-After", "X-Request-ID"),
        "Strict-Transport-Security",
    }


def test_errors_have_the_format_of_the_apis_errors() -> None:
    """tests/e2e/web/test_errors.py reads each of them."""
    # One of them becomes another status: 494 is nginx's own.
    pattern = r"error_page (?:\d+ =)?([\d ]+) /.gateway/error;"
    statuses = sorted(" ".join(re.findall(pattern, ERRORS)).split())
    codes, messages = re.findall(r"map \$status \$own_\w+ \{\n(.*?)\n    \}", MAIN, re.DOTALL)
    assert re.findall(r"(\d{3}) +\w+;", codes) == statuses
    assert re.findall(r"(\d{3}) +\"[A-Z][^\"]+\.\";", messages) == statuses
    assert "proxy_intercept_errors" not in EVERYTHING


def test_no_log_can_contain_a_token_or_a_query() -> None:
    log_format = MAIN[MAIN.index("log_format") : MAIN.index("access_log")]
    variables = set(re.findall(r"\$(\w+)", log_format))
    assert "safe_request_id" in variables
    assert variables & {"request", "request_uri", "args", "query_string", "http_referer"} == set()
    assert [name for name in variables if "auth" in name or "cookie" in name] == []
    assert EVERYTHING.count("log_format") == 1


def test_files_are_written_below_the_declared_paths_only() -> None:
    paths = re.findall(r"(?:pid|\w+_temp_path|access_log|error_log) (/\S+?)[; ]", EVERYTHING)
    assert len(paths) == 8
    allowed = ("/tmp/", "/dev/stdout", "/dev/stderr")
    assert [path for path in paths if not path.startswith(allowed)] == []


def test_only_a_websocket_is_an_upgrade() -> None:
    assert 'map $http_upgrade $websocket {\n        "~*^websocket$" websocket;' in MAIN
    assert "proxy_set_header Upgrade $websocket;" in MAIN
    assert "proxy_set_header Connection $connection_header;" in MAIN


def test_a_post_is_never_repeated() -> None:
    assert "non_idempotent" not in EVERYTHING


def test_configuration_has_no_unnamed_captures() -> None:
    """CVE-2026-42945, in every nginx before 1.30.1, requires unnamed captures."""
    assert re.findall(r"\$\d", EVERYTHING) == []


def test_directives_that_nginx_1_22_lacks_are_not_used() -> None:
    """`http2 on` needs 1.25.1, and `resolve` in an upstream needs 1.27.3."""
    newer = r"\bhttp2\b|\bserver\s+\S+\s+resolve\b|\bupstream\s+\w+\s*\{"
    assert re.findall(newer, EVERYTHING) == []


def test_tls_is_1_2_or_later_and_the_version_is_not_disclosed() -> None:
    assert re.findall(r"ssl_protocols (.+);", TLS) == ["TLSv1.2 TLSv1.3"]
    assert "server_tokens off;" in MAIN
