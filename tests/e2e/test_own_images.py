"""The README's example with a user's own images."""

import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import yaml

from components.addresses import PROJECT
from components.catalogue import Catalogue
from components.settings import Settings
from operations.workspace import ROOT
from tests.e2e.stack import Stack, eventually, free_ports, output_of
from tests.e2e.test_monitoring import query_prometheus

# The service is ready when the database's port answers.
REPORTS = """\
import http.server, os, pathlib, socket, urllib.parse

database = urllib.parse.urlsplit(pathlib.Path(os.environ["DATABASE_URL_FILE"]).read_text())

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/ready":
            socket.create_connection((database.hostname, database.port), 1).close()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f'reports_of{{user="{database.username}"}} 1\\n'.encode())

http.server.ThreadingHTTPServer(("", 8100), Handler).serve_forever()
"""
DOCKERFILE = """\
FROM {base}
COPY reports.py /
USER 10001
CMD ["python3", "/reports.py"]
"""
# An image with one program, and without a shell or an HTTP client of its own.
SILENT_IMAGE = "example/silent:1.0"
SILENT_DOCKERFILE = """\
FROM {busybox} AS programs
FROM scratch
COPY --from=programs /bin/busybox /busybox-server
COPY health /www/
USER 10001
CMD ["/busybox-server", "httpd", "-f", "-p", "8200", "-h", "/www"]
"""


def example() -> dict[str, Any]:
    """The settings of the README's example."""
    (example_text,) = re.findall(
        r"```yaml\n(config:.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
    )
    config: dict[str, Any] = yaml.safe_load(example_text)["config"]
    return {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}


@pytest.fixture(scope="module")
def own_images(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack with the README's example and with plain nginx as the page."""
    catalogue = Catalogue(Settings.model_validate(stack.settings))
    changes = example()
    image = changes["api"]["services"]["reports"]["image"]
    context = tmp_path_factory.mktemp("reports")
    (context / "reports.py").write_text(REPORTS)
    (context / "Dockerfile").write_text(DOCKERFILE.format(base=catalogue.image("python").reference))
    _docker("build", "--quiet", "--tag", image, str(context))
    silent = tmp_path_factory.mktemp("silent")
    (silent / "health").touch()
    busybox = catalogue.image("busybox").reference
    (silent / "Dockerfile").write_text(SILENT_DOCKERFILE.format(busybox=busybox))
    _docker("build", "--quiet", "--tag", SILENT_IMAGE, str(silent))
    changes["api"]["services"]["silent"] = {"image": SILENT_IMAGE, "port": 8200, "metrics": None}
    nginx = catalogue.image("nginx").reference
    changes["web"] = {
        "frontend": {"image": nginx},
        "routes": {"/reports/": {"to": "reports", "strip_prefix": True}},
    }
    changes["docker"]["ports"] = free_ports(tuple(changes["docker"]["ports"]))
    result = stack.up(**changes)
    assert result.returncode == 0, output_of(result)
    yield stack
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    _docker("image", "rm", image, SILENT_IMAGE)


def _docker(*arguments: str) -> None:
    subprocess.run(
        ["docker", *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )


def test_the_service_is_healthy_and_answers_at_its_endpoint(own_images: Stack) -> None:
    assert own_images.inspect("reports")["State"]["Health"]["Status"] == "healthy"
    answer = httpx2.get(f"{own_images.endpoints()['reports']}/")
    assert answer.text == 'reports_of{user="platform_app"} 1\n'


def test_a_service_without_shell_and_client_is_asked_for_its_health(own_images: Stack) -> None:
    container = own_images.inspect("silent")
    assert container["State"]["Health"]["Status"] == "healthy"
    (tools,) = container["Mounts"]
    assert (tools["Destination"], tools["RW"]) == ("/run/ai-platform", False)


def test_the_service_has_the_limits_of_every_other_service(own_images: Stack) -> None:
    host = own_images.inspect("reports")["HostConfig"]
    assert host["Memory"] == 256 * 2**20
    assert (host["CapDrop"], host["SecurityOpt"]) == (["ALL"], ["no-new-privileges:true"])


def test_prometheus_scrapes_the_service_without_further_settings(own_images: Stack) -> None:
    def scraped() -> bool:
        return bool(
            query_prometheus(own_images, "query", query='reports_of{job="ai-platform-reports"}')[
                "result"
            ]
        )

    eventually(scraped, within=90)


def test_the_users_page_replaces_ours(own_images: Stack) -> None:
    page = httpx2.get(f"{own_images.endpoints()['web']}/").text
    assert "nginx" in page
    assert "ai-platform-e2e-frontend-exporter" not in own_images.ids()


def test_a_route_leads_to_the_service_through_the_gateway(own_images: Stack) -> None:
    answer = httpx2.get(f"{own_images.endpoints()['web']}/reports/")
    assert answer.text == 'reports_of{user="platform_app"} 1\n'
