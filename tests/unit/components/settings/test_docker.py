"""The Docker target's settings."""

from tests.unit.describing import settings


def test_every_endpoint_has_a_port_and_services_of_ones_own_beside_them() -> None:
    given = {
        "api": {"services": {"reports": {"image": "acme/reports:1"}}},
        "docker": {"ports": {"reports": 8100, "web": None}},
    }
    assert settings(given).docker.ports.by_endpoint() == {
        "web": None,
        "backend": 8000,
        "decision": 8001,
        "grafana": 3000,
        "prometheus": 9090,
        "alertmanager": 9093,
        "reports": 8100,
    }
