"""The observability tier's description: Prometheus, Alertmanager and Grafana."""

from typing import Any

import pytest

from components import data, monitoring, observability
from components.images import Catalogue
from components.settings.models import Webhook
from components.workload import Address, Exposure, Health, Http, Outside, Workload
from tests.unit.describing import KUBERNETES, catalogue, settings
from tests.unit.rendering import Rendered

SECRET = ("observability",)
MAIL = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:587"}


def prometheus(**given: Any) -> Workload:
    found = settings({"observability": given})
    scraped = [data.postgres(found, catalogue()), data.exporter(catalogue())]
    return observability.prometheus(found, catalogue(), scraped)


def alertmanager(**receiver: Any) -> Workload:
    found = settings({"observability": {"receiver": receiver}}, secret=SECRET)
    return observability.alertmanager(found, Catalogue(found))


def gateway_page() -> str:
    (page,) = observability.gateway(catalogue()).files
    return page.content.template


def test_prometheus_reaches_what_has_metrics_and_waits_for_nothing() -> None:
    assert prometheus().reaches == (
        Address(workload="postgres-exporter", port=9187),
        observability.PROMETHEUS,
        observability.ALERTMANAGER,
    )
    assert prometheus().starts_after == ()


def test_prometheus_has_no_administrative_interface() -> None:
    assert not [flag for flag in prometheus().command if flag.startswith("--web.enable")]


def test_prometheus_keeps_figures_as_long_as_the_settings_say() -> None:
    assert "--storage.tsdb.retention.time=200h" in prometheus().command
    assert "--storage.tsdb.retention.time=30d" in prometheus(retention="30d").command


def test_prometheus_is_ready_and_alive_by_its_own_word() -> None:
    workload = prometheus()
    assert workload.ready == Health(ask=Http(path="/-/ready", port=9090), start_budget=120)
    assert workload.alive == Health(ask=Http(path="/-/healthy", port=9090), period=10)


def test_what_prometheus_and_alertmanager_store_is_where_their_volumes_are() -> None:
    for workload, flag in (
        (prometheus(), "--storage.tsdb.path="),
        (alertmanager(), "--storage.path="),
    ):
        (volume,) = workload.volumes
        assert volume.keep
        assert flag + volume.path in workload.command


def test_alertmanager_itself_is_not_exposed_but_its_read_only_gateway_is() -> None:
    assert alertmanager().exposure is None
    gateway = observability.gateway(catalogue())
    assert gateway.exposure == Exposure(endpoint="alertmanager", port=9093)
    assert gateway.reaches == (observability.ALERTMANAGER,)
    assert gateway.starts_after == ("alertmanager",)


def test_the_gateway_lets_nothing_but_reading_through() -> None:
    assert "limit_except GET { deny all; }" in gateway_page()
    assert "location /api/v2/status {\n            return 403;" in gateway_page()
    assert "proxy_pass http://ai-platform-alertmanager:9093;" in gateway_page()


def test_without_a_receiver_alertmanager_reaches_nothing() -> None:
    assert alertmanager().reaches == ()


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("https://alerts.example.com/x", 443),
        ("http://alerts.example.com/x", 80),
        ("https://alerts.example.com:8443/x", 8443),
    ],
)
def test_alertmanager_reaches_the_port_of_its_webhook(url: str, port: int) -> None:
    outside = Outside(name="alert-webhook", ports=(port,))
    assert alertmanager(webhook={"url": url}).reaches == (outside,)


@pytest.mark.parametrize(("given", "port"), [({}, 443), ({"port": 8443}, 8443)])
def test_alertmanager_reaches_the_said_port_of_a_webhook_whose_url_it_is_not_told(
    given: dict[str, int], port: int
) -> None:
    webhook = Webhook.model_validate(given)
    assert monitoring.webhook_ports(webhook) == (port,)


def test_alertmanager_reaches_the_port_of_its_mail_server() -> None:
    assert alertmanager(mail=MAIL).reaches == (Outside(name="alert-mail", ports=(587,)),)


def test_grafana_signs_in_with_a_kept_password_from_a_file() -> None:
    grafana = observability.grafana(settings(), catalogue())
    assert observability.GRAFANA_PASSWORD.keep
    assert grafana.env["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana-password"
    assert "/run/secrets/grafana-password" in {file.path for file in grafana.files}
    assert "GF_SECURITY_ADMIN_PASSWORD" not in grafana.env
    assert grafana.env["GF_USERS_ALLOW_SIGN_UP"] == "false"


def test_grafana_tells_nobody_elsewhere_that_it_runs() -> None:
    env = observability.grafana(settings(), catalogue()).env
    assert [env[name] for name in sorted(env) if name.startswith("GF_ANALYTICS")] == ["false"] * 3
    assert observability.grafana(settings(), catalogue()).reaches == (observability.PROMETHEUS,)


def test_grafana_with_a_host_of_its_own_knows_its_name_and_signs_in_over_tls_only() -> None:
    ingress = {
        "hosts": {"grafana": "figures.example.com"},
        "tls": {"secret": "certificate"},
        "controller_namespace": "traefik",
    }
    hosted = settings({**KUBERNETES, "kubernetes": {"ingress": ingress}})
    env = observability.grafana(hosted, Catalogue(hosted)).env
    plain = observability.grafana(settings(), catalogue()).env
    assert env == {
        **plain,
        "GF_SERVER_ROOT_URL": "https://figures.example.com/",
        "GF_SECURITY_COOKIE_SECURE": "true",
    }


def test_a_catalogue_without_grafana_leaves_it_out_and_says_so(debian: Rendered) -> None:
    assert "grafana" not in debian.containers()
    assert "grafana" not in debian.outputs["logins"]
    assert debian.outputs["endpoints"]["grafana"] is None
    assert debian.log == ["grafana is left out: the debian catalogue has no image of it"]


def test_a_catalogue_with_grafana_runs_it_and_says_nothing(dev: Rendered) -> None:
    assert "grafana" in dev.containers()
    assert dev.log == []
