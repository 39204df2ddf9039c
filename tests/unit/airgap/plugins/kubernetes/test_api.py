"""The connection, on a real server of the test's own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from airgap.plugins.kubernetes.api import APPLY_PATCH, JSON_PATCH, ApiError, Client, Unreachable
from tests.unit.airgap.plugins.kubernetes.conftest import KUBECONFIG

STATUS = {
    "kind": "Status",
    "reason": "NotFound",
    "message": 'pods "p" not found',
    "details": {"kind": "pods"},
}


class Answers(HTTPServer):
    """Answers in turn, each a status, headers and content; what came is kept."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.came: list[tuple[str, str, dict[str, str], Any]] = []


class Handler(BaseHTTPRequestHandler):
    server: Answers

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "null")
        self.server.came.append((self.command, self.path, dict(self.headers), body))
        code, headers, content = self.server.answers.pop(0)
        self.send_response(code)
        given = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        for name, value in (given | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Answers]:
    made = Answers()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def client(server: Answers) -> Iterator[Client]:
    url = f"http://127.0.0.1:{server.server_port}"
    config = KUBECONFIG | {
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": {"token": "letmein"}}],
    }
    made = Client.of(config)
    yield made
    made.connection.close()


def test_a_question_carries_its_query_the_login_and_the_body(
    server: Answers, client: Client
) -> None:
    server.answers = [(200, {}, b'{"kind": "ConfigMap"}')]
    assert client("POST", "/api/v1/x", {"dryRun": "All"}, {"a": [1]}) == {"kind": "ConfigMap"}
    method, path, headers, body = server.came[0]
    assert (method, path, body) == ("POST", "/api/v1/x?dryRun=All", {"a": [1]})
    assert headers["authorization"] == "Bearer letmein"


@pytest.mark.parametrize(("kind", "body"), [(APPLY_PATCH, {"a": 1}), (JSON_PATCH, [{"op": "x"}])])
def test_a_patch_says_of_which_kind_it_is(
    server: Answers, client: Client, kind: str, body: Any
) -> None:
    server.answers = [(200, {}, b"{}")]
    client("PATCH", "/x", {}, body, kind)
    assert (server.came[0][2]["Content-Type"], server.came[0][3]) == (kind, body)


def test_a_refusal_is_the_servers_own_sentence(server: Answers, client: Client) -> None:
    server.answers = [(404, {}, json.dumps(STATUS).encode())]
    with pytest.raises(ApiError, match=r'^pods "p" not found$') as refused:
        client("GET", "/x")
    error = refused.value
    assert (error.code, error.reason, error.of_kind) == (404, "NotFound", "pods")


def test_a_log_comes_as_text_also_when_it_is_json(server: Answers, client: Client) -> None:
    plain = {"Content-Type": "text/plain"}
    server.answers = [(200, plain, b'{"a": 1}\n'), (502, plain, b"bad gateway")]
    assert client("GET", "/log") == '{"a": 1}\n'
    with pytest.raises(ApiError, match="the server answered 502: bad gateway"):
        client("GET", "/x")


def test_a_server_that_has_too_much_to_do_is_asked_again(
    server: Answers, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    server.answers = [(429, {"Retry-After": "1"}, b"{}"), (200, {}, b'{"a": 1}')]
    assert client("GET", "/x") == {"a": 1}
    assert pauses == [1]


def test_a_server_that_is_not_there_is_unreachable() -> None:
    clusters = [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}]
    with pytest.raises(Unreachable, match="Connection refused"):
        Client.of(KUBECONFIG | {"clusters": clusters})("GET", "/api/v1")


def test_credentials_that_cannot_be_loaded_are_said() -> None:
    users = [{"name": "u", "user": {"client-certificate": "/nowhere/u.crt", "client-key": "/k"}}]
    clusters = [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}]
    with pytest.raises(Unreachable, match="its kubeconfig cannot be used"):
        Client.of(KUBECONFIG | {"clusters": clusters, "users": users})
