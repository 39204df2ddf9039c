"""The read-only gateways, and the paths that they pass."""

import re

import pytest

from components.addresses import Address
from components.observability import ALERTMANAGER, PROMETHEUS, links
from components.observability.reading import DIRECTORY, gateway
from components.workload import Exposure, Workload
from tests.unit.components.observability.test_alertmanager import alertmanager_workload
from tests.unit.components.observability.test_prometheus import prometheus_workload
from tests.unit.describing import ROOT, catalogue

SERVERS = pytest.mark.parametrize("server", [PROMETHEUS, ALERTMANAGER])


def contents(workload: Workload) -> dict[str, str]:
    return {file.path: file.content.template for file in workload.files}


@SERVERS
def test_the_gateway_is_exposed_and_its_server_is_not(server: Address) -> None:
    workload = gateway(server, catalogue())
    assert workload.exposure == Exposure(endpoint=server.workload, port=server.port)
    assert workload.reaches == (server,)
    assert workload.starts_after == (server.workload,)
    assert alertmanager_workload().exposure is None
    assert prometheus_workload().exposure is None


@SERVERS
def test_it_reads_the_plain_files_and_a_server_that_it_finds_again(server: Address) -> None:
    files = contents(gateway(server, catalogue()))
    plain = {
        "nginx.conf": "monitoring/gateway/nginx.conf",
        "paths.conf": f"monitoring/{server.workload}/paths.conf",
        "start.sh": "gateway/start.sh",
    }
    routes = files.pop("/etc/gateway/routes.conf")
    assert files == {
        f"/etc/gateway/{name}": (ROOT / path).read_text() for name, path in plain.items()
    }
    assert f"listen {server.port};" in routes
    assert f"set $service http://{server.host}$search_domain:{server.port};" in routes
    for guard in ("limit_except GET { deny all; }", 'if ($allowed = "") {\n            return 40'):
        assert routes.count(guard) == routes.count("proxy_pass $service;") == 2


@SERVERS
def test_only_a_404_of_the_server_leads_to_its_classic_pages(server: Address) -> None:
    routes = contents(gateway(server, catalogue()))["/etc/gateway/routes.conf"]
    (location,) = re.findall(r"location ~ \S+ \{\n(.*?)\n    \}", routes, re.DOTALL)
    assert "error_page 404 = @classic;" in location
    assert "return 403;" in location
    assert "return 404;" not in location


def test_alertmanagers_gateway_serves_the_runbooks_that_alerts_link_to() -> None:
    workload = gateway(ALERTMANAGER, catalogue(), links.runbooks(DIRECTORY))
    assert (
        contents(workload).items()
        >= {
            f"/etc/gateway/docs/runbooks/{path.name}": path.read_text()
            for path in (ROOT / "docs" / "runbooks").glob("*.md")
        }.items()
    )
    routes = contents(workload)["/etc/gateway/routes.conf"]
    assert "location /docs/runbooks/ {\n        root /etc/gateway;" in routes


def passed(server: str, path: str) -> bool:
    """Whether a gateway passes a path, as nginx reads paths.conf."""
    text = (ROOT / "monitoring" / server / "paths.conf").read_text()
    keys = re.findall(r'(?m)^"(.+?)" +yes;$', text)
    assert keys
    return any(
        bool(re.search(key[1:], path)) if key.startswith("~") else key == path for key in keys
    )


@pytest.mark.parametrize(
    ("server", "path"),
    [
        *(("prometheus", path) for path in ("/", "/graph", "/alerts", "/targets", "/query")),
        *(("prometheus", f"/classic/{page}") for page in ("graph", "alerts", "static/js/a.min.js")),
        *(("prometheus", f"/api/v1/{path}") for path in ("query", "label/job/values", "rules")),
        *(("prometheus", f"/api/v1/targets/{path}") for path in ("metadata", "relabel_steps")),
        *(("prometheus", path) for path in ("/static/js/main.1a.js", "/assets/x.js", "/-/ready")),
        *(("alertmanager", path) for path in ("/", "/script.js", "/lib/a/b.css", "/-/healthy")),
        *(("alertmanager", f"/api/v2/{path}") for path in ("alerts/groups", "silences")),
    ],
)
def test_what_a_page_needs_is_passed(server: str, path: str) -> None:
    assert passed(server, path)


@pytest.mark.parametrize("server", ["prometheus", "alertmanager"])
@pytest.mark.parametrize(
    "path",
    [
        *("/debug/pprof/", "/debug/pprof/heap", "/metrics", "/federate", "/config"),
        *("/api/v1/status", "/api/v2/status", "/api/v1/status/config", "/classic/config"),
        *("/-/reload", "/-/quit", "/api/v1/write", "/api/v1/read", "/api/v1/admin/tsdb/snapshot"),
        *(
            "/static/../debug/pprof/",
            "/lib/../debug/pprof/",
            "/lib/%2e%2e/debug/pprof/",
            "/assets/..%2fdebug",
            "//graph",
        ),
        *("/api/v2/silence/../status", "/api/v1/label/../status/config/values", "/graph/x"),
    ],
)
def test_everything_else_is_closed(server: str, path: str) -> None:
    assert not passed(server, path)
