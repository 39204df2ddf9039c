"""Who hears of which alert, by amtool's judgement and by a real Alertmanager's."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.queries import MONITORING
from tests.unit.monitoring.tools import run

FILE = MONITORING / "alertmanager" / "alertmanager.yml"
BACKEND = "ai-platform-backend"


def test_amtool_finds_no_fault_in_the_configuration() -> None:
    run("amtool", "check-config", str(FILE))


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=ApiDown", "severity=critical"], "default"),
        (["alertname=RedisDown", "severity=warning"], "default"),
        (["alertname=Watchdog", "severity=none"], "watchdog"),
    ],
)
def test_an_alert_goes_to_its_receiver(labels: list[str], receiver: str) -> None:
    run(
        "amtool", "config", "routes", "test",
        f"--config.file={FILE}", f"--verify.receivers={receiver}", *labels,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("firing", "muted"),
    [
        pytest.param(
            [("ApiDown", "critical", BACKEND), ("TargetMissing", "warning", BACKEND)],
            {("TargetMissing", BACKEND)},
            id="critical mutes warnings of the same service",
        ),
        pytest.param(
            [("ApiDown", "critical", BACKEND), ("TargetMissing", "warning", "grafana")],
            set(),
            id="critical mutes no other service",
        ),
        pytest.param(
            [("PostgresDown", "critical", "db"), ("ApiDown", "critical", BACKEND)],
            {("ApiDown", BACKEND)},
            id="the database mutes the API",
        ),
        pytest.param(
            [("PostgresDown", "critical", "db"), ("WebDown", "critical", "web")],
            set(),
            id="the database does not mute the front end",
        ),
        pytest.param(
            [("RedisDown", "warning", "cache"), ("TargetMissing", "warning", "cache")],
            {("TargetMissing", "cache")},
            id="down mutes missing",
        ),
    ],
)
def test_an_alert_that_follows_from_another_is_muted(
    alertmanager: str, firing: list[tuple[str, str, str]], muted: set[tuple[str, str]]
) -> None:
    alerts = [
        {"labels": dict(zip(("alertname", "severity", "job"), alert, strict=True))}
        for alert in firing
    ]
    _ask(alertmanager, json.dumps(alerts).encode())
    assert {
        (alert["labels"]["alertname"], alert["labels"]["job"])
        for alert in _ask(alertmanager)
        if alert["status"]["state"] == "suppressed"
    } == muted


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[str]:
    """The URL of the alerts of an Alertmanager on a port of its own."""
    program = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
    assert program, "Alertmanager is not installed (Debian: prometheus-alertmanager)"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = subprocess.Popen(
        [
            program, f"--config.file={FILE}", f"--storage.path={tmp_path}",
            f"--web.listen-address={address}", "--cluster.listen-address=",
        ],
        env=os.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://{address}/api/v2/alerts"
    try:
        _wait(url, process)
        yield url
    finally:
        process.kill()
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            _ask(url)
            return
        time.sleep(0.05)
    raise AssertionError("Alertmanager did not start")


def _ask(url: str, body: bytes | None = None) -> list[dict[str, dict[str, str]]]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        found: list[dict[str, dict[str, str]]] = json.loads(answer.read() or "[]")
    return found
