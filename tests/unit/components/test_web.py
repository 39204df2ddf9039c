"""The web tier: the page, and the backend under the same origin."""

from pathlib import Path
from typing import Any

import pytest

from components.addresses import Address
from components.api import ServiceConnection
from components.catalogue import Catalogue
from components.container import SharedDirectory
from components.web import WebTier, frontend
from components.workload import Exposure, Workload
from tests.unit.describing import KUBERNETES, settings

BACKEND = ServiceConnection(
    address=Address(workload="backend", port=8000), starts_after=("backend",)
)


def web(docker: dict[str, Any] | None = None, **fields: Any) -> Workload:
    return web_workload({"web": fields, "docker": docker or {}})


def web_workload(values: dict[str, Any]) -> Workload:
    loaded = settings(values)
    return frontend(loaded, Catalogue(loaded), BACKEND)


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, str]:
    for name in ("chain", "key"):
        (tmp_path / name).write_text(f"the {name}")
    return {"certificate": str(tmp_path / "chain"), "key": str(tmp_path / "key")}


def test_it_reaches_the_backend_and_nothing_else() -> None:
    assert web().reaches == (BACKEND.address,)
    assert all(not isinstance(sidecar, Workload) for sidecar in web().sidecars)


def test_it_waits_until_the_backend_is_healthy() -> None:
    assert web().starts_after == ("backend",)


def test_it_gets_the_backends_address() -> None:
    env = web(max_body_size="10m", env={"MODE": "strict"}).env
    assert env == {
        "API_HOST": "ai-platform-backend",
        "API_PORT": "8000",
        "MAX_BODY_SIZE": "10m",
        "MODE": "strict",
    }


def test_it_is_built_from_the_catalogues_nginx_and_stopped_gracefully() -> None:
    image = web().image
    assert image.build is not None
    assert image.build.context == "images/web"
    assert image.build.base.startswith("nginxinc/nginx-unprivileged:")
    assert image.stop_signal == "SIGQUIT"


def test_only_its_exporters_port_has_metrics() -> None:
    assert not any(port.metrics for port in web().ports)
    (exporter,) = web().sidecars
    assert [(port.number, port.metrics) for port in exporter.ports] == [(9113, "/metrics")]


def test_its_exporter_reads_metrics_over_a_socket_in_a_shared_directory() -> None:
    main = web()
    (exporter,) = main.sidecars
    assert (
        main.shared
        == exporter.shared
        == (SharedDirectory(name="frontend-status", path="/var/run/web"),)
    )
    assert exporter.command == ("--nginx.scrape-uri=unix:/var/run/web/status.sock:/stub_status",)


def test_an_image_without_a_status_socket_has_no_exporter() -> None:
    custom_image = web(image="acme/page:1", status_socket=None)
    assert custom_image.sidecars == ()
    assert custom_image.shared == ()


def test_users_reach_its_port_over_http_with_the_body_limit_of_the_settings() -> None:
    assert web(port=80, max_body_size="10m").exposure == Exposure(
        endpoint="web", port=80, public=True, max_body_size="10m"
    )


def test_the_tiers_only_endpoint_is_web() -> None:
    loaded = settings()
    tier = WebTier(loaded, Catalogue(loaded), BACKEND)
    assert [part.name for part in tier.parts] == ["frontend"]
    assert tier.endpoints == ("web",)
    assert tier.logins == {}


def test_with_a_certificate_it_serves_https_and_gets_the_files(tls: dict[str, str]) -> None:
    main = web(docker={"tls": tls})
    assert main.exposure is not None
    assert (main.exposure.port, main.exposure.scheme) == (8443, "https")
    assert [port.number for port in main.ports] == [8080, 8443]
    contents = {file.path: [secret.value for secret in file.content.secrets] for file in main.files}
    assert contents == {
        "/run/secrets/tls.crt": ["the chain"],
        "/run/secrets/tls.key": ["the key"],
    }


def test_with_a_certificate_it_redirects_to_the_published_port(tls: dict[str, str]) -> None:
    assert web(docker={"tls": tls, "ports": {"web": 18443}}).env["HTTPS_PORT"] == "18443"
    assert "HTTPS_PORT" not in web(docker={"ports": {"web": 18443}}).env


def test_a_kubernetes_stack_does_not_read_dockers_certificate(tls: dict[str, str]) -> None:
    main = web_workload({**KUBERNETES, "docker": {"tls": tls}})
    assert main.files == ()
    assert main.exposure is not None
    assert (main.exposure.port, main.exposure.scheme) == (8080, "http")


def test_it_redirects_to_https_if_the_ingress_has_its_host() -> None:
    ingress = {
        "hosts": {"web": "ai.example.com"},
        "tls": {"secret": "certificate"},
        "controller_namespace": "traefik",
    }
    assert web_workload({**KUBERNETES}).env.get("REDIRECT_HTTPS") is None
    hosted = web_workload({**KUBERNETES, "kubernetes": {"ingress": ingress}})
    assert hosted.env["REDIRECT_HTTPS"] == "on"
