"""The gateway's own errors, which all have the format of the API's errors."""

import json
import socket

import httpx2
import pytest

from tests.e2e.web.engine import at_once, remove, run_gateway, url, wait_for

END = b"Host: example.com\r\nConnection: close\r\n\r\n"
LONG = b"x" * 70_000


def answer(gateway: str, request: bytes) -> tuple[int, dict[str, str]]:
    """The status and the content of the answer to a request that no HTTP client would send."""
    host, _, port = url(gateway).removeprefix("http://").partition(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        try:
            while piece := connection.recv(65536):
                received += piece
        except ConnectionResetError:  # nginx has not read all of the request.
            pass
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"Content-Type: application/json" in head
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"\x16\x03\x01\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (b"GET /api/x HTTP/1.1\r\nX-Long: " + LONG + b"\r\n" + END, 431, "headers_too_large"),
        (b"GET /nowhere/x HTTP/1.1\r\nHost: bare.example.com\r\n" + END[19:], 404, "not_found"),
        (b"GET /.gateway/error HTTP/1.1\r\n" + END, 404, "not_found"),
        (b"TRACE /api/x HTTP/1.1\r\n" + END, 405, "method_not_allowed"),
        (b"POST /api/x HTTP/1.1\r\nContent-Length: 2000000\r\n" + END, 413, "too_large"),
        (b"GET /" + LONG + b" HTTP/1.1\r\n" + END, 414, "address_too_long"),
        (b"POST /api/x HTTP/1.1\r\nTransfer-Encoding: gzip\r\n" + END, 501, "not_implemented"),
        (b"GET /none/x HTTP/1.1\r\n" + END, 502, "unavailable"),
        (b"GET /buffered/slow HTTP/1.1\r\n" + END, 504, "too_late"),
        (b"GET / HTTP/3.0\r\n" + END, 505, "version_not_supported"),
    ],
)
def test_an_error_of_nginx_is_json(gateway: str, request_: bytes, status: int, code: str) -> None:
    received, content = answer(gateway, request_)
    assert (received, content["error"]) == (status, code)
    assert content["message"].endswith(".")
    assert content["request_id"]


def test_a_compressed_body_is_refused_and_its_encoding_is_never_passed_on(gateway: str) -> None:
    """A second header would pass the check of nginx 1.22, which sees the first one."""
    compressed = {"Content-Encoding": "gzip"}
    refused = httpx2.post(f"{url(gateway)}/api/x", content=b"x", headers=compressed)
    assert (refused.status_code, refused.json()["error"]) == (415, "compressed_body")
    twice = [("Content-Encoding", ""), ("Content-Encoding", "gzip")]
    passed = httpx2.post(f"{url(gateway)}/api/x", content=b"x", headers=twice)
    assert passed.status_code == 415 or "content-encoding" not in passed.json()["headers"]
    accepted = httpx2.post(f"{url(gateway)}/compressed/x", content=b"x", headers=compressed)
    assert accepted.json()["headers"]["content-encoding"] == "gzip"


def test_a_client_with_too_many_requests_at_once_gets_429_in_json(page: str) -> None:
    gateway = run_gateway("connections", {"web": {"gateway": {"connection_limit": 5}}})
    wait_for(f"{url(gateway)}/api/x", 200, 10)
    answers = at_once(f"{url(gateway)}/api/slow")
    statuses = [answer.status_code for answer in answers]
    # The two workers count together. One that ends lets another begin.
    assert 5 <= statuses.count(200) < 20
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"] == "too_many_requests"
    remove(gateway)
