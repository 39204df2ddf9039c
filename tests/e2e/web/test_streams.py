"""Server-sent events, streamed answers and WebSockets through the gateway."""

import os
import socket
import time

import httpx2

from tests.e2e.web.engine import url


def arrivals(address: str, timeout: float = 10) -> list[float]:
    """When each event arrived, in seconds after the request."""
    start = time.monotonic()
    times: list[float] = []
    with httpx2.stream("GET", address, timeout=timeout) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        for line in answer.iter_lines():
            if line.startswith("data:"):
                times.append(time.monotonic() - start)
    return times


class WebSocket:
    """A client for short text messages."""

    def __init__(self, address: str, path: str, timeout: float = 10) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self.connection = socket.create_connection((host, int(port)), timeout)
        self.connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        self.head = b""
        while b"\r\n\r\n" not in self.head:
            self.head += self.connection.recv(1)

    def ask(self, text: str) -> str:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(text.encode()))
        self.connection.sendall(bytes([0x81, 0x80 | len(masked)]) + mask + masked)
        head = self.connection.recv(2)
        return self.connection.recv(head[1]).decode() if head else ""


def test_events_arrive_one_by_one_on_a_route_that_streams(gateway: str) -> None:
    times = arrivals(f"{url(gateway)}/streams/events")
    assert len(times) == 3
    assert times[0] < 0.7
    assert times[1] - times[0] > 0.5


def test_events_arrive_together_on_another_route(gateway: str) -> None:
    """Which is why there is a setting."""
    times = arrivals(f"{url(gateway)}/api/events")
    assert len(times) == 3
    assert times[0] > 1.5


def test_a_websocket_is_open_in_both_directions(gateway: str) -> None:
    client = WebSocket(url(gateway), "/streams/socket")
    assert client.head.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in client.head
    assert [client.ask(text) for text in ("one", "two")] == ["one", "two"]
    client.connection.close()


def test_a_websocket_works_on_every_route(gateway: str) -> None:
    client = WebSocket(url(gateway), "/api/socket")
    assert client.ask("here") == "here"
    client.connection.close()


def test_a_silent_websocket_is_closed_after_the_routes_time_out(gateway: str) -> None:
    client = WebSocket(url(gateway), "/short/socket")
    for _ in range(3):
        time.sleep(1)
        assert client.ask("here") == "here"
    start = time.monotonic()
    assert client.connection.recv(1) == b""
    assert 1.5 < time.monotonic() - start < 5
    client.connection.close()


def test_a_stream_is_open_for_more_than_a_minute(gateway: str) -> None:
    client = WebSocket(url(gateway), "/streams/socket", timeout=90)
    assert client.ask("first") == "first"
    times = arrivals(f"{url(gateway)}/streams/events?long", timeout=30)
    assert len(times) == 70
    assert times[-1] > 60
    # This connection was silent all the time.
    assert client.ask("last") == "last"
    client.connection.close()
