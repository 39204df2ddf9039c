"""Who a real Alertmanager tells about which alert, with the receivers of the settings."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from components.observability.alertmanager import CONFIGURATION, alertmanager
from tests.e2e.contracts import engine
from tests.e2e.contracts.engine import HARDENED, Container
from tests.unit.describing import catalogue, settings

PORT = 9093
BACKEND, REDIS = "ai-platform-backend", "ai-platform-redis"
# A critical alert, a warning that it mutes, a warning of another cause, and the dead man's switch.
ALERTS = [
    ("ApiDown", "critical", BACKEND),
    ("TargetMissing", "warning", BACKEND),
    ("RedisDown", "warning", REDIS),
    ("Watchdog", "none", "prometheus"),
]


class Posts(BaseHTTPRequestHandler):
    """Takes what Alertmanager posts, by the path that it posts to."""

    seen: dict[str, dict[str, Any]]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.seen[self.path.strip("/")] = json.loads(self.rfile.read(length))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test reads `seen`."""


@pytest.fixture
def posts() -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """The URL of a server that containers reach, and what is posted to it."""
    seen: dict[str, dict[str, Any]] = {}
    handler = type("Handler", (Posts,), {"seen": seen})
    (network,) = json.loads(engine.docker("network", "inspect", "bridge").stdout)
    host = network["IPAM"]["Config"][0]["Gateway"]
    with ThreadingHTTPServer((host, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{host}:{server.server_port}", seen
        server.shutdown()


def start(url: str, directory: Path) -> Container:
    """Alertmanager as the platform runs it, with a webhook for each receiver. It waits less."""

    def webhook(name: str) -> dict[str, Any]:
        return {"webhook": {"url": f"{url}/{name}"}}

    receiver = webhook("default") | {
        name: webhook(name) for name in ("critical", "warning", "watchdog")
    }
    stack = {"observability": {"receiver": receiver}, "docker": {"ports": {"alertmanager": 19093}}}
    workload = alertmanager(settings(stack, secret=("observability",)), catalogue())
    (file,) = workload.files
    text = file.content.fill({secret.name: str(secret.value) for secret in file.content.secrets})
    path = directory / "alertmanager.yml"
    path.write_text(text.replace("group_wait: 30s", "group_wait: 1s"))
    path.chmod(0o644)
    options = (*HARDENED, "--tmpfs=/alertmanager:mode=1777", f"--volume={path}:{CONFIGURATION}:ro")
    server = engine.start("alertmanager", *workload.command, options=options)
    server.until(lambda: server.get(PORT, "/-/ready") != "")
    return server


def test_each_severity_has_its_receiver_and_an_alert_is_muted_across_receivers(
    posts: tuple[str, dict[str, dict[str, Any]]], tmp_path: Path
) -> None:
    url, seen = posts
    server = start(url, tmp_path)
    try:
        fire(server)
        server.until(lambda: {"critical", "warning", "watchdog"} <= seen.keys())
    finally:
        engine.clean()
    told = {
        name: {alert["labels"]["alertname"] for alert in post["alerts"]}
        for name, post in seen.items()
    }
    assert told == {"critical": {"ApiDown"}, "warning": {"RedisDown"}, "watchdog": {"Watchdog"}}
    assert {post["externalURL"] for post in seen.values()} == {"http://127.0.0.1:19093"}


def fire(server: Container) -> None:
    alerts = [
        {"labels": dict(zip(("alertname", "severity", "job"), alert, strict=True))}
        for alert in ALERTS
    ]
    request = urllib.request.Request(
        f"http://{server.address()}:{PORT}/api/v2/alerts",
        json.dumps(alerts).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 (as above)
        assert answer.status == 200
