"""Inhibition of alerts by a real Alertmanager with the platform's configuration."""

import json
import urllib.request
from collections.abc import Iterator

import pytest

from tests.e2e.contracts import engine
from tests.e2e.contracts.engine import HARDENED, Container
from tests.queries import MONITORING

FOLDER = MONITORING / "alertmanager"
PORT = 9093
PATH = "/api/v2/alerts"
BACKEND = "ai-platform-backend"
BACKUP = "ai-platform-backup"
LABELS = ("alertname", "severity", "job", "replica")


@pytest.fixture
def alertmanager() -> Iterator[Container]:
    options = (*HARDENED, "--tmpfs=/alertmanager:mode=1777", f"--volume={FOLDER}:{FOLDER}:ro")
    command = (
        f"--config.file={FOLDER}/alertmanager.yml",
        "--storage.path=/alertmanager",
        "--cluster.listen-address=",
    )
    server = engine.start("alertmanager", *command, options=options)
    server.until(lambda: server.get(PORT, "/-/ready") != "")
    yield server
    engine.clean()


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
            [
                ("DiskFilling", "critical", "db"),
                ("PostgresWalGrowth", "warning", "db"),
                ("ProbeFailed", "critical", "ai-platform-probes"),
                ("CertificateExpiry", "warning", "ai-platform-probes"),
            ],
            set(),
            id="a full disk and a failed probe mute no cause",
        ),
        pytest.param(
            [("PostgresDown", "critical", "db"), ("ApiDown", "critical", BACKEND)],
            {("ApiDown", BACKEND)},
            id="the database mutes the backend",
        ),
        pytest.param(
            [("PostgresDown", "critical", "db"), ("ApiDown", "critical", "ai-platform-decision")],
            set(),
            id="the database does not mute a service without a database",
        ),
        pytest.param(
            [
                ("PostgresDown", "critical", "db"),
                ("DatabaseUnreachable", "critical", "own"),
                ("ApiDown", "critical", "own"),
                ("ApiDown", "critical", "other"),
            ],
            {("DatabaseUnreachable", "own"), ("ApiDown", "own")},
            id="the database mutes what services see of it, and that mutes what follows",
        ),
        pytest.param(
            [
                ("RedisDown", "warning", "cache"),
                ("CacheUnreachable", "warning", BACKEND),
                ("ExporterFailing", "warning", "db"),
                ("TargetMissing", "warning", "db"),
                ("WorkloadRestarting", "warning", "own"),
                ("WorkloadRestarted", "info", "own"),
            ],
            {("CacheUnreachable", BACKEND), ("TargetMissing", "db"), ("WorkloadRestarted", "own")},
            id="causes mute their effects",
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
        pytest.param(
            [
                ("WalArchivingStalled", "critical", BACKUP),
                ("TargetMissing", "warning", BACKUP),
                ("BackupStale", "critical", BACKUP),
                ("RestoreDrillStale", "warning", BACKUP),
                ("OffsiteStale", "warning", BACKUP),
                ("OffsiteStale", "warning", "backend-files"),
                ("PostgresWalGrowth", "warning", "db"),
                ("PostgresReplicationLag", "warning", "db", "backup"),
                ("PostgresReplicationLag", "warning", "standby", "standby"),
            ],
            {
                ("TargetMissing", BACKUP),
                ("BackupStale", BACKUP),
                ("RestoreDrillStale", BACKUP),
                ("OffsiteStale", BACKUP),
                ("PostgresWalGrowth", "db"),
                ("PostgresReplicationLag", "db"),
            },
            id="a backup part that gets nothing mutes what it then cannot do",
        ),
        pytest.param(
            [
                ("PostgresDown", "critical", "db"),
                ("WalArchivingStalled", "critical", BACKUP),
                ("BackupVolumeFilling", "warning", BACKUP),
                ("OffsiteStale", "warning", "backend-files"),
            ],
            {("WalArchivingStalled", BACKUP)},
            id="a database that is down mutes that nothing is backed up",
        ),
        pytest.param(
            [
                ("BackupVolumeFilling", "critical", BACKUP),
                ("DiskFilling", "critical", BACKUP),
                ("WalArchivingStalled", "critical", BACKUP),
                ("DiskFilling", "critical", "db"),
            ],
            {("DiskFilling", BACKUP), ("WalArchivingStalled", BACKUP)},
            id="a full volume of backups is told once",
        ),
        pytest.param(
            [
                ("BackupVolumeFilling", "warning", BACKUP),
                ("BackupStale", "warning", BACKUP),
                ("RestoreDrillStale", "warning", BACKUP),
                ("DiskFilling", "critical", BACKUP),
                ("WalArchivingStalled", "critical", BACKUP),
            ],
            {("BackupStale", BACKUP), ("RestoreDrillStale", BACKUP)},
            id="a volume without room for a base backup mutes that there is none, and no outage",
        ),
        pytest.param(
            [
                ("WalSlotLost", "critical", "db"),
                ("WalArchivingStalled", "critical", BACKUP),
                ("BackupStale", "critical", "other"),
                ("RestoreDrillStale", "warning", "other"),
                ("TargetMissing", "warning", "backend-files"),
                ("OffsiteStale", "warning", "backend-files"),
            ],
            {
                ("WalArchivingStalled", BACKUP),
                ("RestoreDrillStale", "other"),
                ("OffsiteStale", "backend-files"),
            },
            id="causes mute their effects on backups",
        ),
        pytest.param(
            [
                ("OffsiteStale", "warning", "backend-files"),
                ("OffsiteFailing", "warning", "backend-files"),
                ("OffsiteFailing", "warning", BACKUP),
            ],
            {("OffsiteFailing", "backend-files")},
            id="uploads that fail for long are told once",
        ),
        pytest.param(
            [
                ("RestoreDrillFailed", "critical", BACKUP),
                ("OffsiteStale", "warning", BACKUP),
                ("BackupVolumeFilling", "warning", BACKUP),
            ],
            set(),
            id="a drill that failed mutes nothing",
        ),
    ],
)
def test_an_alert_mutes_the_alerts_that_it_causes(
    alertmanager: Container, firing: list[tuple[str, ...]], muted: set[tuple[str, str]]
) -> None:
    alerts = [{"labels": dict(zip(LABELS, alert, strict=False))} for alert in firing]
    _post(alertmanager, alerts)
    alerts_in_alertmanager = json.loads(alertmanager.get(PORT, PATH))
    assert len(alerts_in_alertmanager) == len(firing)
    assert {
        (alert["labels"]["alertname"], alert["labels"]["job"])
        for alert in alerts_in_alertmanager
        if alert["status"]["state"] == "suppressed"
    } == muted


def _post(server: Container, alerts: list[dict[str, dict[str, str]]]) -> None:
    request = urllib.request.Request(
        f"http://{server.address()}:{PORT}{PATH}",
        json.dumps(alerts).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 (as above)
        assert answer.status == 200
