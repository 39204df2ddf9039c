"""Grafana, with its datasource and its dashboards."""

from typing import Any

from components.addresses import Neighbour
from components.catalogue import Catalogue
from components.observability import PROMETHEUS
from components.observability.grafana import PASSWORD, files, grafana
from components.text import Text
from components.workload import Exposure, Workload
from tests.unit.describing import KUBERNETES, ROOT, hosted, settings

SOURCE = ROOT / "monitoring" / "grafana"
DATASOURCES = "/etc/grafana/provisioning/datasources/"
OPERATOR_URL = "http://prometheus-operated.monitoring:9090"


def grafana_workload(**values: Any) -> Workload:
    loaded = settings(values)
    return grafana(loaded, Catalogue(loaded))


def test_it_signs_in_with_a_kept_password_from_a_file() -> None:
    workload = grafana_workload()
    assert PASSWORD.keep
    assert workload.env["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana-password"
    assert "/run/secrets/grafana-password" in {file.path for file in workload.files}
    assert "GF_SECURITY_ADMIN_PASSWORD" not in workload.env
    assert workload.env["GF_USERS_ALLOW_SIGN_UP"] == "false"


def test_it_reports_nothing_to_its_makers() -> None:
    env = grafana_workload().env
    assert [env[name] for name in sorted(env) if name.startswith("GF_ANALYTICS")] == ["false"] * 3
    assert grafana_workload().reaches == (PROMETHEUS,)


def test_it_gets_every_file_of_monitoring_grafana() -> None:
    contents = {file.path: file.content for file in files(PROMETHEUS.url(), None)}
    assert contents == {
        f"/etc/grafana/{path.relative_to(SOURCE)}": Text(template=path.read_text())
        for path in SOURCE.rglob("*")
        if path.is_file()
    }
    assert [path for path in contents if path.startswith("/etc/grafana/dashboards/")]
    assert {file.path for file in grafana_workload().files} == {*contents, PASSWORD.path}


def test_its_datasource_is_the_clusters_prometheus_in_operator_mode() -> None:
    workload = grafana_workload(
        **KUBERNETES, observability={"mode": "operator", "operator": {"url": OPERATOR_URL}}
    )
    assert workload.reaches == (Neighbour(namespace="monitoring", ports=(9090,)),)
    (datasource,) = (file for file in workload.files if file.path.startswith(DATASOURCES))
    assert f"url: {OPERATOR_URL}\n" in datasource.content.template
    assert PROMETHEUS.host not in datasource.content.template


def test_it_is_exposed_under_its_name() -> None:
    assert grafana_workload().exposure == Exposure(endpoint="grafana", port=3000)


def test_with_a_host_name_it_knows_its_url_and_logs_in_over_tls_only() -> None:
    on_cluster = grafana_workload(**hosted(routes={"figures.example.com": "grafana"}))
    assert on_cluster.env == {
        **grafana_workload().env,
        "GF_SERVER_ROOT_URL": "https://figures.example.com/",
        "GF_SECURITY_COOKIE_SECURE": "true",
    }


def test_on_docker_with_a_host_name_it_logs_in_over_http() -> None:
    env = grafana_workload(web={"routes": {"figures.localhost": "grafana"}}).env
    assert env["GF_SERVER_ROOT_URL"] == "http://figures.localhost:8080/"
    assert "GF_SECURITY_COOKIE_SECURE" not in env


def test_below_a_path_it_knows_its_path() -> None:
    route = {"to": "grafana", "strip_prefix": True}
    env = grafana_workload(**hosted(host="ai.example.com", routes={"/figures/": route})).env
    assert env["GF_SERVER_ROOT_URL"] == "https://ai.example.com/figures/"
