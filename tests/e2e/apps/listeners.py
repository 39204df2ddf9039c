"""Clients that listen to Centrifugo through the gateway."""

import json
import os
import socket
import struct
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2

from tests.e2e.apps.use import HOST, FrontDoor, connect_message

# Seconds that a listener waits for a message; it hears nothing else for SILENCE seconds. Proxies
# usually close a connection that is silent for a minute.
PATIENCE, SILENCE = 20, 65


class Listener(Protocol):
    def next(self) -> Any:
        """The next message of the channel. Fails where the connection ends."""

    def close(self) -> None: ...


class ServerSentEvents:
    """Server-sent events of a channel."""

    def __init__(self, door: FrontDoor, channel: str) -> None:
        self._client = httpx2.Client(base_url=door.url, timeout=PATIENCE)
        request = self._client.build_request(
            "GET",
            "/stream/connection/uni_sse",
            params={"cf_connect": connect_message(door, channel)},
        )
        self._answer = self._client.send(request, stream=True)
        assert self._answer.headers["content-type"].startswith("text/event-stream")
        self._pushes = self._read()
        assert "connect" in next(self._pushes)

    def next(self) -> Any:
        return next(push["pub"]["data"] for push in self._pushes if "pub" in push)

    def close(self) -> None:
        self._answer.close()
        self._client.close()

    def _read(self) -> Iterator[Any]:
        for line in self._answer.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


class WebSocket:
    """A WebSocket that receives the messages of a channel."""

    def __init__(self, door: FrontDoor, channel: str) -> None:
        url = urlsplit(door.url)
        self._connection = socket.create_connection((url.hostname, url.port), PATIENCE)
        self._stream = self._connection.makefile("rb")
        self._connection.sendall(
            f"GET /stream/connection/uni_websocket HTTP/1.1\r\nHost: {HOST}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        status = self._stream.readline()
        assert status.startswith(b"HTTP/1.1 101 "), status
        while self._stream.readline() != b"\r\n":
            pass
        self._send(connect_message(door, channel))
        assert "connect" in self._receive()

    def next(self) -> Any:
        while "pub" not in (push := self._receive()):
            pass
        return push["pub"]["data"]

    def close(self) -> None:
        self._stream.close()
        self._connection.close()

    def _send(self, text: str) -> None:
        """Send a text of 126 bytes to 64 KiB in one masked frame."""
        payload, mask = text.encode(), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self._connection.sendall(struct.pack("!BBH", 0x81, 0xFE, len(payload)) + mask + masked)

    def _receive(self) -> Any:
        """The next text. The server's frames have no mask."""
        start, length = self._stream.read(2)
        assert start == 0x81, f"not a text: {start:#x}"
        if length == 126:
            (length,) = struct.unpack("!H", self._stream.read(2))
        return json.loads(self._stream.read(length))
