"""Grafana, with its datasource and its dashboards."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from components.addresses import Neighbour
from components.catalogue import Catalogue
from components.observability import PROMETHEUS
from components.observability.grafana import DATA, PASSWORD, SECRET_KEY, START, files, grafana
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


def test_it_encrypts_with_a_generated_key_that_is_kept() -> None:
    workload = grafana_workload()
    assert SECRET_KEY.keep
    assert SECRET_KEY.value is None
    assert workload.env["GF_SECURITY_SECRET_KEY__FILE"] == SECRET_KEY.path


def test_it_shows_the_platform_first_and_loads_nothing_from_elsewhere() -> None:
    workload = grafana_workload()
    home = workload.env["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home in {file.path for file in workload.files}
    assert {
        "GF_NEWS_NEWS_FEED_ENABLED": "false",
        "GF_PLUGINS_PREINSTALL_DISABLED": "true",
        "GF_SECURITY_DISABLE_GRAVATAR": "true",
        "GF_SNAPSHOTS_EXTERNAL_ENABLED": "false",
    }.items() <= workload.env.items()


@pytest.mark.parametrize(
    ("database", "code", "expected"),
    [
        (False, 0, "started\n"),
        (True, 0, "admin reset-admin-password --password-from-stdin: new with key\nstarted\n"),
        (
            True,
            1,
            "admin reset-admin-password --password-from-stdin: new with key\n"
            "the password of admin may be an older one\nstarted\n",
        ),
    ],
)
def test_the_password_of_an_existing_database_follows_the_setting(
    tmp_path: Path, database: bool, code: int, expected: str
) -> None:
    """The start, with stand-ins for Grafana's command and for the image's entry point."""
    if database:
        (tmp_path / "grafana.db").touch()
    (tmp_path / "password").write_text("new")
    (tmp_path / "key").write_text("key")
    program(tmp_path / "run.sh", "echo started")
    command = f'echo "$6 $7 $8: $(cat) with $GF_SECURITY_SECRET_KEY"; exit {code}'
    program(tmp_path / "grafana", command)
    script = (
        START.replace(DATA, str(tmp_path))
        .replace("/run.sh", f"{tmp_path}/run.sh")
        .replace(PASSWORD.path, f"{tmp_path}/password")
        .replace(SECRET_KEY.path, f"{tmp_path}/key")
    )
    assert grafana_workload().entrypoint == ("sh", "-c", START)
    done = subprocess.run(
        ["sh", "-euc", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "GF_PATHS_HOME": "h", "GF_PATHS_CONFIG": "c"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout == expected


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_it_gets_every_file_of_monitoring_grafana() -> None:
    contents = {file.path: file.content for file in files(PROMETHEUS.url(), "", None)}
    assert contents == {
        f"/etc/grafana/{path.relative_to(SOURCE)}": Text(template=path.read_text())
        for path in SOURCE.rglob("*")
        if path.is_file()
    }
    assert [path for path in contents if path.startswith("/etc/grafana/dashboards/")]
    secrets = {PASSWORD.path, SECRET_KEY.path}
    assert {file.path for file in grafana_workload().files} == {*contents, *secrets}


def test_its_dashboards_link_to_the_runbooks_of_the_settings() -> None:
    workload = grafana_workload(observability={"runbook_base_url": "https://git.example.com/p/"})
    texts = [file.content.template for file in workload.files if "/dashboards/" in file.path]
    links = [text.count('"url": "https://git.example.com/p/docs/runbooks/') for text in texts]
    assert sorted(links) == [0, 1, 1, 1, 4]
    assert not [text for text in texts if '"url": "docs/' in text]


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
