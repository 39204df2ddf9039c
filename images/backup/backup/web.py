"""What `backup serve` answers over HTTP: metrics, its health, and its status."""

import json
import logging
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric

from backup.layout import METRICS_PORT

log = logging.getLogger(__name__)

SECONDS = 60
REQUESTS = "/requests/"
Answer = tuple[int, str, bytes]


class Collector:
    def __init__(self, gauges: Callable[[], list[Metric]]) -> None:
        self.collect = gauges


def serve(
    gauges: Callable[[], list[Metric]],
    document: Callable[[], dict[str, Any]] = dict,
    *,
    port: int = METRICS_PORT,
    request: Callable[[str], bytes | None] = lambda service: None,
) -> None:
    """Answer in threads of their own until the process ends.

    `request` says which files of a service are to be brought back.
    """
    registry = CollectorRegistry()
    registry.register(Collector(gauges))
    answers: dict[str, Callable[[], Answer]] = {
        "/healthz": lambda: (200, "text/plain", b"well\n"),
        "/metrics": lambda: (200, "text/plain; version=0.0.4", generate_latest(registry)),
        "/status.json": lambda: (200, "application/json", json.dumps(document()).encode()),
    }

    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            answer = answers.get(path)
            wanted = request(path.removeprefix(REQUESTS)) if path.startswith(REQUESTS) else None
            if wanted is not None:
                status, kind, body = 200, "application/json", wanted
            else:
                status, kind, body = _answered(answer, path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A line for each scrape would hide the others."""

    server = ThreadingHTTPServer(("", port), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 60}, daemon=True).start()


def _answered(answer: Callable[[], Answer] | None, path: str) -> Answer:
    if answer is None:
        return 404, "text/plain", b"not found\n"
    try:
        return answer()
    except Exception as error:
        log.exception("%s failed", path)
        return 500, "text/plain", f"{type(error).__name__}: {error}\n".encode()


def ask() -> dict[str, Any] | None:
    """The status of the process that serves in this container; None where none does."""
    url = f"http://127.0.0.1:{METRICS_PORT}/status.json"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except (OSError, ValueError):
        return None
