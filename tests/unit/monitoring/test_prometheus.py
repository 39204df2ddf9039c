"""Prometheus' configuration in the default stack."""

from pathlib import Path

import pytest
import yaml

from tests.unit.monitoring.tools import run
from tests.unit.rendering import Rendered


@pytest.fixture
def configuration(dev: Rendered, tmp_path: Path) -> Path:
    uploads = dev.containers()["prometheus"]["uploads"]
    files = {upload["file"]: upload["content"] for upload in uploads}
    path = tmp_path / "prometheus.yml"
    path.write_text(files["/etc/prometheus/prometheus.yml"])
    return path


def test_promtool_accepts_the_configuration(configuration: Path) -> None:
    run("promtool", "check", "config", str(configuration))


def test_alerts_say_which_stack_and_cluster_they_come_from(configuration: Path) -> None:
    usual = yaml.safe_load(configuration.read_text())["global"]
    assert usual["external_labels"] == {"stack": "dev", "cluster": "docker"}


def test_the_usual_intervals_are_15_s(configuration: Path) -> None:
    usual = yaml.safe_load(configuration.read_text())["global"]
    assert (usual["scrape_interval"], usual["evaluation_interval"]) == ("15s", "15s")
