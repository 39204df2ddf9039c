"""The routes of alerts, checked with amtool. tests/e2e/test_muted_alerts.py checks with a real
Alertmanager which alerts are muted."""

import pytest
import yaml

from tests.queries import MONITORING
from tests.unit.monitoring.tools import run

FILE = MONITORING / "alertmanager" / "alertmanager.yml"


def test_amtool_accepts_the_configuration() -> None:
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
