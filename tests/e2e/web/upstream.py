"""A small service behind the gateway. It runs in a container with Python only: `upstream.py PORT`.

It answers with what it received. Some paths answer in another way; see `Handler`.
"""

import base64
import hashlib
import http.server
import json
import socket
import sys
import time

ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        last = self.path.partition("?")[0].rpartition("/")[2]
        getattr(self, f"do_{last.replace('-', '_')}", self.echo)()

    def do_slow(self) -> None:
        time.sleep(2)
        self.echo()

    def do_redirect(self) -> None:
        """To /login here: as a path, or with `?absolute` as a URL."""
        host = f"http://{self.headers['Host']}" if "absolute" in self.path else ""
        self.reply(b"", status=307, headers={"Location": f"{host}/login"})

    def do_own_headers(self) -> None:
        self.reply(b"", headers={"Referrer-Policy": "origin", "X-Content-Type-Options": "none"})

    def do_busy(self) -> None:
        self.reply(b"own", status=429, headers={"Retry-After": "9"})

    def do_events(self) -> None:
        """Three server-sent events, a second apart; with `?long`, seventy."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number in range(70 if "long" in self.path else 3):
            self.wfile.write(f"data: {number}\n\n".encode())
            self.wfile.flush()
            time.sleep(1)

    def do_socket(self) -> None:
        """A WebSocket that returns each short text message."""
        if self.headers.get("Upgrade") != "websocket":
            self.echo()
            return
        key = self.headers["Sec-WebSocket-Key"].encode()
        accept = base64.b64encode(
            hashlib.sha1(key + ACCEPT, usedforsecurity=False).digest()
        ).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        self.close_connection = True
        while head := self.rfile.read(2):
            length, mask = head[1] & 127, self.rfile.read(4)
            masked = self.rfile.read(length)
            text = bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))
            self.wfile.write(bytes([0x81, length]) + text)

    def echo(self) -> None:
        body = self.read()
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = {
            "host": socket.gethostname(),
            "path": self.path,
            "headers": headers,
            "bytes": len(body),
        }
        self.reply(json.dumps(content).encode(), headers={"Content-Type": "application/json"})

    def read(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def reply(self, body: bytes, *, status: int = 200, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "X-Request-ID": "the-service-s-own"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = answer


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
