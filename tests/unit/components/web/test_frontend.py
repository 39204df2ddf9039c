"""The page behind the gateway."""

from typing import Any

from components.addresses import Address
from components.container import SharedDirectory
from components.workload import Workload
from tests.unit.describing import tiers


def page(**fields: Any) -> Workload:
    workload = tiers({"web": {"frontend": fields}})[3].parts[0]
    assert isinstance(workload, Workload)
    return workload


def test_it_reaches_nothing_waits_for_nothing_and_is_not_published() -> None:
    ours = page()
    assert (ours.reaches, ours.starts_after, ours.exposure) == ((), (), None)
    assert (ours.env, ours.files) == ({}, ())


def test_it_is_built_from_the_catalogues_nginx_and_stopped_gracefully() -> None:
    image = page().image
    assert image.build is not None
    assert image.build.context == "images/web"
    assert image.build.base.startswith("nginxinc/nginx-unprivileged:")
    assert image.stop_signal == "SIGQUIT"
    assert page(image="acme/page:1").image.stop_signal == "SIGTERM"


def test_only_its_exporters_port_has_metrics() -> None:
    assert not any(port.metrics for port in page().ports)
    (exporter,) = page().sidecars
    assert [(port.number, port.metrics) for port in exporter.ports] == [(9113, "/metrics")]


def test_its_exporter_reads_metrics_over_a_socket_in_a_shared_directory() -> None:
    main = page()
    (exporter,) = main.sidecars
    directory = SharedDirectory(name="frontend-status", path="/var/run/web")
    assert main.shared == exporter.shared == (directory,)
    assert exporter.command == ("--nginx.scrape-uri=unix:/var/run/web/status.sock:/stub_status",)


def test_an_image_without_a_status_socket_has_no_exporter() -> None:
    own = page(image="acme/page:1", port=80)
    assert (own.sidecars, own.shared) == ((), ())
    assert [port.number for port in own.ports] == [80]


def test_it_reaches_what_its_values_refer_to() -> None:
    own = page(
        env={"API": "${service.backend.url}", "CACHE": "${cache.url}"},
        files={"/etc/page/token": "${api-token}"},
    )
    redis, backend = Address(workload="redis", port=6379), Address(workload="backend", port=8000)
    assert own.reaches == (redis, backend)
    assert own.starts_after == ("redis", "backend")
    assert own.env == {"API": "http://ai-platform-backend:8000"}
    assert list(own.secret_env) == ["CACHE"]
    assert [file.path for file in own.files] == ["/etc/page/token"]
