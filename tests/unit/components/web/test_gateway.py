"""The gateway as a workload."""

from pathlib import Path
from typing import Any

import pytest

from components.addresses import Address
from components.container import SharedDirectory
from components.workload import Exposure, Workload
from tests.unit.describing import KUBERNETES, ROOT, hosted, tiers

BACKEND, PAGE = Address(workload="backend", port=8000), Address(workload="frontend", port=8080)


def gateway(stack: dict[str, Any] | None = None, **web: Any) -> Workload:
    workload = tiers({"web": web, **(stack or {})})[3].parts[-1]
    assert isinstance(workload, Workload)
    return workload


def files(workload: Workload) -> dict[str, str]:
    return {file.path: file.content.template for file in workload.files}


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, str]:
    for name in ("chain", "key"):
        (tmp_path / name).write_text(f"the {name}")
    return {"certificate": str(tmp_path / "chain"), "key": str(tmp_path / "key")}


def test_it_reaches_what_its_routes_name_and_nothing_else() -> None:
    assert set(gateway().reaches) == {PAGE, BACKEND}
    routes = {"/": None, "/a/": "backend", "x.example.com": "grafana"}
    grafana = Address(workload="grafana", port=3000)
    assert set(gateway(routes=routes).reaches) == {BACKEND, grafana}


def test_it_waits_for_the_services_of_its_routes_but_not_for_monitoring() -> None:
    routes = {"x.example.com": "grafana", "/d/": "decision"}
    assert set(gateway(routes=routes).starts_after) == {"frontend", "backend", "decision"}


def test_it_runs_the_catalogues_nginx_with_its_own_start_script() -> None:
    main = gateway()
    assert main.image.build is None
    assert main.image.reference.startswith("nginxinc/nginx-unprivileged:")
    assert main.entrypoint == ("sh", "/etc/gateway/start.sh")
    assert (main.scratch, main.image.stop_signal) == (("/tmp",), "SIGQUIT")


def test_open_requests_have_time_until_10_s_before_the_end() -> None:
    assert gateway().env == {"SHUTDOWN_SECONDS": "20"}
    slow = gateway(gateway={"stop_grace": 330})
    assert (slow.env, slow.stop_grace) == ({"SHUTDOWN_SECONDS": "320"}, 330)


def test_its_configuration_is_the_plain_files_and_the_routes() -> None:
    contents = files(gateway())
    directory = ROOT / "gateway"
    assert contents.pop("/etc/gateway/routes.conf").startswith("map ")
    assert contents == {
        f"/etc/gateway/{name}": (directory / name).read_text()
        for name in ("errors.conf", "nginx.conf", "own.conf", "start.sh")
    }


def test_its_exporter_reads_metrics_over_a_socket_in_a_shared_directory() -> None:
    main = gateway()
    (exporter,) = main.sidecars
    directory = SharedDirectory(name="gateway-status", path="/var/cache/nginx")
    assert main.shared == exporter.shared == (directory,)
    assert "listen unix:/var/cache/nginx/status.sock;" in files(main)["/etc/gateway/nginx.conf"]
    assert exporter.command == (
        "--nginx.scrape-uri=unix:/var/cache/nginx/status.sock:/stub_status",
    )


def test_users_reach_it_with_the_limits_of_its_routes() -> None:
    assert gateway().exposure == Exposure(
        endpoint="web", port=8080, public=True, max_body_size="1m", timeout=15
    )
    routes = {
        "/api/": {"max_body_size": "10m", "timeout": 300},
        "/s/": {"to": "backend", "stream": True, "timeout": 60},
        "x.example.com": "backend",
    }
    assert gateway(hosted(host="ai.example.com", routes=routes)).exposure == Exposure(
        endpoint="web",
        port=8080,
        public=True,
        hosts=("ai.example.com", "x.example.com"),
        max_body_size="10m",
        timeout=300,
        streams=True,
    )


def test_with_a_certificate_it_serves_https_and_gets_the_files(tls: dict[str, str]) -> None:
    main = gateway({"docker": {"tls": tls, "ports": {"web": 443}}})
    assert main.exposure is not None
    assert (main.exposure.port, main.exposure.scheme) == (8443, "https")
    assert [(port.name, port.number) for port in main.ports] == [("http", 8080), ("https", 8443)]
    secrets = {
        file.path: [secret.value for secret in file.content.secrets]
        for file in main.files
        if file.content.secrets
    }
    assert secrets == {"/run/secrets/tls.crt": ["the chain"], "/run/secrets/tls.key": ["the key"]}
    contents = files(main)
    assert "/etc/gateway/tls.conf" in contents
    assert "return 308 https://$host$request_uri;" in contents["/etc/gateway/routes.conf"]


def test_without_a_published_port_it_redirects_to_its_own(tls: dict[str, str]) -> None:
    main = gateway({"docker": {"tls": tls, "ports": {"web": None}}})
    assert "return 308 https://$host:8443$" in files(main)["/etc/gateway/routes.conf"]


def test_on_a_cluster_the_ingress_terminates_tls_instead(tls: dict[str, str]) -> None:
    main = gateway({**KUBERNETES, "docker": {"tls": tls}})
    assert not [file for file in main.files if file.content.secrets]
    assert main.exposure is not None
    assert (main.exposure.port, main.exposure.scheme) == (8080, "http")


def test_it_redirects_to_https_behind_an_ingress_only() -> None:
    assert "return 308" not in files(gateway(dict(KUBERNETES)))["/etc/gateway/routes.conf"]
    main = gateway(hosted(host="ai.example.com"))
    assert "return 308 https://$host$request_uri;" in files(main)["/etc/gateway/routes.conf"]
