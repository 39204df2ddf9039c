"""Checks of what this machine has and which servers answer it."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from airgap import availability
from airgap.availability import check_all, http_status, registry_answers


class Unauthorized(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(401)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Unauthorized)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_registry_that_requires_a_login_counts_as_available(registry: str) -> None:
    assert http_status(f"{registry}/v2/") == 401
    assert registry_answers(registry)


def test_a_server_that_does_not_run_has_no_status() -> None:
    assert http_status("http://127.0.0.1:9/v2/") == 0


def test_a_check_that_takes_too_long_counts_as_false(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "LIMIT", 0.1)
    never = threading.Event()
    assert check_all(lambda: True, lambda: never.wait(5)) == (True, False)
    never.set()


def test_slow_checks_share_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "LIMIT", 0.2)
    never = threading.Event()
    start = time.monotonic()
    assert not any(check_all(*[lambda: never.wait(5)] * 8))
    never.set()
    assert time.monotonic() - start < 8 * 0.2
