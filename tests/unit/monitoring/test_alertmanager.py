"""The routes of alerts, checked with amtool. tests/e2e/test_muted_alerts.py checks with a real
Alertmanager which alerts are muted, and who gets the others."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.observability.alertmanager import configuration
from components.settings import Receiver
from tests.queries import MONITORING
from tests.unit.monitoring.tools import run

FILE = MONITORING / "alertmanager" / "alertmanager.yml"
WEBHOOK = {"webhook": {"url": "https://alerts.example.com/x"}}
MAIL = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:587"}
RECEIVERS: dict[str, dict[str, Any] | None] = {
    "none": None,
    "all": WEBHOOK | {"mail": MAIL},
    "without warnings": {"critical": WEBHOOK, "warning": "none"},
    "each": {"mail": MAIL, "critical": WEBHOOK, "warning": {"mail": MAIL}, "watchdog": WEBHOOK},
}


@pytest.fixture(params=RECEIVERS)
def configured(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The configuration file of a stack with these receivers."""
    receiver = RECEIVERS[request.param]
    text = configuration(Receiver.model_validate(receiver) if receiver else None)
    path = tmp_path / "alertmanager.yml"
    path.write_text(text.fill({secret.name: str(secret.value) for secret in text.secrets}))
    return path


def test_amtool_accepts_the_configuration(configured: Path) -> None:
    run("amtool", "check-config", str(configured))


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=ApiDown", "severity=critical"], "critical"),
        (["alertname=RedisDown", "severity=warning"], "warning"),
        (["alertname=WorkloadRestarted", "severity=info"], "info"),
        (["alertname=OfTheUsersOwn", "severity=strange"], "default"),
        (["alertname=Watchdog", "severity=none"], "watchdog"),
    ],
)
def test_an_alert_goes_to_the_receiver_of_its_severity(
    configured: Path, labels: list[str], receiver: str
) -> None:
    run(
        "amtool", "config", "routes", "test",
        f"--config.file={configured}", f"--verify.receivers={receiver}", *labels,
    )  # fmt: skip


def test_an_outage_is_told_within_seconds_and_a_full_disk_once_for_all_its_volumes() -> None:
    for severity in ("critical", "warning"):
        assert settings_of("ProbeFailed", severity)["group_wait"] == "5s"
        assert settings_of("DiskFilling", severity)["group_by"] == ["alertname"]
        others = settings_of("ApiDown", severity)
        assert (others["group_wait"], others["group_by"]) == ("30s", ["alertname", "job"])


def settings_of(alert: str, severity: str) -> dict[str, Any]:
    """The settings of the route that an alert takes, with those that it inherits."""
    route = yaml.safe_load(FILE.read_text())["route"]
    settings = dict(route)
    matchers = [[f"alertname = {alert}"], [f"severity = {severity}"]]
    while following := [one for one in route.get("routes", ()) if one["matchers"] in matchers]:
        route = following[0]
        settings |= route
    return settings


def test_an_alert_waits_for_the_alert_that_would_mute_it() -> None:
    """The alert of the cause may fire one scrape and one evaluation later."""
    prometheus = yaml.safe_load((MONITORING / "prometheus" / "prometheus.yml").read_text())[
        "global"
    ]
    seen_after = seconds(prometheus["scrape_interval"]) + seconds(prometheus["evaluation_interval"])
    assert seconds(yaml.safe_load(FILE.read_text())["route"]["group_wait"]) >= seen_after


def seconds(text: str) -> int:
    assert text.endswith("s")
    return int(text[:-1])
