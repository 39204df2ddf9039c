"""The Docker target's settings."""

from pathlib import Path
from typing import Any

import pytest

from components.settings import SettingsError
from tests.unit.components.settings.refusals import paths, service
from tests.unit.describing import KUBERNETES, settings


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, str]:
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).write_text("PEM")
    return {"certificate": str(tmp_path / "chain.pem"), "key": str(tmp_path / "key.pem")}


def test_a_users_services_can_have_ports_beside_the_default_ones() -> None:
    config = {
        "api": {"services": {"reports": {"image": "acme/reports:1"}}},
        "docker": {"ports": {"reports": 8100, "web": None}},
    }
    assert settings(config).docker.ports.by_endpoint() == {
        "web": None,
        "backend": 8000,
        "decision": 8001,
        "grafana": 3000,
        "prometheus": 9090,
        "alertmanager": 9093,
        "reports": 8100,
    }


def test_the_web_tier_is_open_to_the_network_only_with_a_certificate(tls: dict[str, str]) -> None:
    assert paths({"docker": {"bind": "127.0.0.2"}}) == []
    assert paths({"docker": {"bind": "0.0.0.0", "tls": tls}}) == []
    assert paths({"docker": {"bind": "0.0.0.0"}}) == ["docker.bind"]
    assert paths({"docker": {"bind": "192.168.1.5"}}) == ["docker.bind"]


def test_a_missing_certificate_is_reported(tls: dict[str, str]) -> None:
    assert paths({"docker": {"tls": tls | {"key": "/nowhere/key.pem"}}}) == ["docker.tls.key"]


def test_the_rules_of_docker_do_not_apply_to_a_kubernetes_stack() -> None:
    assert paths({**KUBERNETES, "docker": {"bind": "0.0.0.0"}}) == []


def test_every_endpoint_has_a_different_port() -> None:
    assert paths({"docker": {"ports": {"web": 9000}}}) == []
    assert paths({"docker": {"ports": {"web": 9090}}}) == ["docker.ports.prometheus"]
    assert paths({"docker": {"ports": {"web": None, "backend": None}}}) == []


def test_the_default_port_of_a_removed_service_is_free() -> None:
    config: dict[str, Any] = {
        "api": {
            "services": {
                "decision": None,
                "backend": {"env": {"DECISION_URL": None}},
                "reports": {"image": "acme/reports:1"},
            }
        },
        "docker": {"ports": {"reports": 8001}},
    }
    assert paths(config) == []


def test_a_port_needs_an_endpoint_of_the_stack() -> None:
    ports = {"docker": {"ports": {"reports": 8100}}}
    assert paths(service() | ports) == []
    assert paths(ports) == ["docker.ports.reports"]
    with pytest.raises(SettingsError, match="nearest  prometheus"):
        settings({"docker": {"ports": {"prometeus": 9090, "prometheus": None}}})


def test_a_port_for_grafana_needs_a_grafana() -> None:
    ports = {"docker": {"ports": {"grafana": 3300}}}
    without: dict[str, Any] = {"observability": {"grafana": False}}
    assert paths(ports) == []
    assert paths(without) == []
    assert paths({**ports, **without}) == ["docker.ports.grafana"]
    assert paths({**without, "docker": {"ports": {"grafana": None}}}) == []
