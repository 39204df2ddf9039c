"""Who hears of which alert, by amtool's judgement. What is muted, a real Alertmanager tells:
tests/e2e/test_muted_alerts.py."""

import pytest

from tests.queries import MONITORING
from tests.unit.monitoring.tools import run

FILE = MONITORING / "alertmanager" / "alertmanager.yml"


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
