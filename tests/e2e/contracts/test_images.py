"""The contract of every image that the program runs, on the real engine.

The same tests run against both catalogues. With access to the official images you can compare ours
with them: AI_PLATFORM_CATALOGUE=official pytest tests/e2e/contracts
"""

import json
import re
from pathlib import Path

import pytest

from components import volume_exporter
from components.addresses import Address
from components.catalogue import Catalogue
from components.container import Identity, Image, Resources
from components.images import ENTRIES
from components.observability.prober import configuration
from components.observability.probes import probes
from components.settings import ImageName
from components.volumes import Volume
from components.workload import Workload
from tests.e2e.contracts import engine
from tests.e2e.contracts.engine import CATALOGUE, HARDENED, Container, docker
from tests.unit.describing import settings

IMAGES: list[ImageName] = [
    name for name, entry in ENTRIES.items() if CATALOGUE == "official" or entry.debian
]
PROGRAMS: dict[ImageName, str] = {
    "postgres": "postgres psql pg_isready pg_dump pg_dumpall pg_restore pg_ctl initdb",
    "redis": "redis-server redis-cli",
    "python": "python python3 pip",
    "nginx": "nginx envsubst curl",
    "prometheus": "prometheus promtool wget",
    "alertmanager": "alertmanager amtool wget",
    "postgres-exporter": "postgres_exporter wget",
    "node-exporter": "node_exporter wget",
    "blackbox-exporter": "blackbox_exporter wget",
}


@pytest.mark.parametrize("name", IMAGES)
def test_the_image_has_the_stop_signal_of_the_catalogue(name: ImageName) -> None:
    config = docker("image", "inspect", "-f", "{{json .Config}}", engine.reference(name)).stdout
    assert json.loads(config).get("StopSignal", "SIGTERM") == ENTRIES[name].stop_signal


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_programs_that_operators_use_are_on_path(name: ImageName) -> None:
    programs = PROGRAMS[name].split()
    script = f'for program in {" ".join(programs)}; do command -v "$program"; done'
    output = engine.once(name, "-c", script, options=("--entrypoint=sh",))
    assert [Path(line).name for line in output.split()] == programs


def test_python_creates_virtual_environments_and_has_pip(tmp_path: Path) -> None:
    output = engine.once(
        "python",
        "sh",
        "-ec",
        "python -c 'import sys; print(*sys.version_info[:2])'; python3 -m venv /opt/own; "
        "/opt/own/bin/python -c 'import sys; print(sys.prefix)'; "
        "pip install --no-index --dry-run pip > /tmp/pip 2>&1 && echo installs; "
        "command -v cc || echo no compiler",
    )
    assert output.split("\n")[:4] == ["3 11", "/opt/own", "installs", "no compiler"]


NGINX = ("--user=101:101", *HARDENED, "--tmpfs=/tmp")


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Container:
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    (folder / "site.conf.template").write_text(
        "resolver ${NGINX_LOCAL_RESOLVERS};\n"
        'server { listen 8080; location = /host { return 200 "${GREETING} $host"; }\n'
        "location = /stub_status { stub_status; } }\n"
    )
    server = engine.start(
        "nginx",
        options=(
            *NGINX,
            "--tmpfs=/etc/nginx/conf.d:uid=101,gid=101",
            f"--volume={folder}:/etc/nginx/templates:ro",
            "--env=NGINX_ENTRYPOINT_LOCAL_RESOLVERS=1",
            "--env=GREETING=hello",
        ),
    )
    server.until(lambda: server.get(8080, "/host").startswith("hello"))
    return server


def test_nginx_fills_templates_and_keeps_its_own_variables(nginx: Container) -> None:
    result = nginx.run("curl", "-fsS", "-H", "Host: example", "http://127.0.0.1:8080/host")
    assert result.stdout == "hello example"
    assert nginx.run("curl", "-fsS", "http://127.0.0.1:8080/nothing").returncode != 0
    assert nginx.uids() == {"101"}
    assert "GET /host" in nginx.logs()


def test_nginx_without_settings_serves_its_page_without_root() -> None:
    server = engine.start("nginx", options=NGINX)
    server.until(lambda: "nginx" in server.get(8080, "/"))
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("name", "port", "folder"),
    [("prometheus", 9090, "/prometheus"), ("alertmanager", 9093, "/alertmanager")],
)
def test_a_monitoring_server_needs_only_its_volume_and_reports_its_readiness(
    name: ImageName, port: int, folder: str
) -> None:
    options = (*HARDENED, f"--volume={engine.volume()}:{folder}")
    server = engine.start(name, options=options)
    ready = ("wget", "-q", "-O", "-", f"http://127.0.0.1:{port}/-/ready")
    server.until(lambda: server.run(*ready).returncode == 0)
    assert server.run(*ready[:-1], f"http://127.0.0.1:{port}/-/nothing").returncode != 0
    assert server.uids() == {"65534"}
    assert server.stop() == 0


def test_the_nginx_exporter_reads_a_unix_socket(tmp_path: Path) -> None:
    shared = engine.volume()
    tmp_path.chmod(0o755)
    (tmp_path / "default.conf").write_text(
        "server { listen unix:/run/web/status.sock; location = /stub_status { stub_status; } }\n"
    )
    # The volume belongs to root, so a root process must change its owner.
    change_owner = ("chown", "101:101", "/run/web")
    engine.once("python", *change_owner, options=(f"--volume={shared}:/run/web",))
    server = engine.start(
        "nginx",
        options=(
            *NGINX,
            f"--volume={tmp_path}:/etc/nginx/conf.d:ro",
            f"--volume={shared}:/run/web",
        ),
    )
    exporter = engine.start(
        "nginx-exporter",
        "--nginx.scrape-uri=unix:/run/web/status.sock:/stub_status",
        options=(*HARDENED, f"--volume={shared}:/run/web"),
    )
    exporter.until(lambda: "\nnginx_up 1" in exporter.get(9113, "/metrics"))
    assert exporter.uids() == {"1001"}
    assert server.stop() == 0


def test_the_node_exporter_measures_a_volume_that_it_may_not_read_and_nothing_else() -> None:
    volume = engine.volume()
    closed = f"--volume={volume}:/closed"
    engine.once("python", "sh", "-c", "chown 5:5 /closed; chmod 700 /closed", options=(closed,))
    (sidecar,) = volume_exporter.beside(
        Workload(
            name="app",
            tier="api",
            image=Image(reference="app:1", identity=Identity(uid=5, gid=5)),
            resources=Resources(memory=64, cpu=0.1),
            volumes=(Volume(name="data", path="/data", size="1Gi"),),
        ),
        Catalogue(settings({"images": {"catalogue": CATALOGUE}})),
    ).sidecars
    options = (*HARDENED, "--user=65534:65534", f"--volume={volume}:/volumes/data:ro")
    exporter = engine.start("node-exporter", *sidecar.command, options=options)
    exporter.until(lambda: "node_filesystem_avail_bytes" in exporter.get(9100, "/metrics"))
    metrics = exporter.get(9100, "/metrics")
    for name in ("size_bytes", "free_bytes", "avail_bytes", "files", "files_free"):
        lines = re.findall(rf"^node_filesystem_{name}{{(.*)}} (.+)$", metrics, re.MULTILINE)
        assert ['mountpoint="/volumes/data"' in labels for labels, _ in lines] == [True], name
        assert float(lines[0][1]) >= 0
    assert exporter.uids() == {"65534"}


def test_the_prober_takes_its_configuration_and_tells_answers_apart(tmp_path: Path) -> None:
    """It asks itself: its page answers 200, a probe of nothing 400, and another port not at all."""
    routes = {"/x/": {"to": "backend"}}
    chosen = settings({"web": {"routes": routes}})
    asked = probes(chosen, Address(workload="gateway", port=8080))
    tmp_path.chmod(0o755)
    (tmp_path / "prober.json").write_text(configuration(chosen, asked).template)
    prober = engine.start(
        "blackbox-exporter",
        "--config.file=/etc/prober/prober.json",
        options=(*HARDENED, "--user=65534:65534", f"--volume={tmp_path}:/etc/prober:ro"),
    )
    prober.until(lambda: "Healthy" in prober.get(9115, "/-/healthy"))

    def succeeds(module: str, target: str) -> bool:
        query = f"module={module}&target=http://127.0.0.1:{target}&hostname=ai.example.com"
        return "\nprobe_success 1" in prober.get(9115, f"/probe?{query}")

    results = {
        (module, target): succeeds(module, target)
        for module in ("gateway-well", "gateway-alive")
        for target in ("9115/-/healthy", "9115/probe", "9116/")
    }
    assert results == {
        ("gateway-well", "9115/-/healthy"): True,
        ("gateway-well", "9115/probe"): False,
        ("gateway-well", "9116/"): False,
        ("gateway-alive", "9115/-/healthy"): True,
        ("gateway-alive", "9115/probe"): True,
        ("gateway-alive", "9116/"): False,
    }
    assert prober.uids() == {"65534"}


# Answers with the status that the path names. On port 8001 it accepts and never answers.
STATUS_SERVER = """
import http.server, socket
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status = int(self.path[1:4])
        self.send_response(status)
        if status == 301:
            self.send_header("Location", self.path[4:])
        self.end_headers()
silent = socket.create_server(("", 8001))
http.server.HTTPServer(("", 8000), Handler).serve_forever()
"""


def test_busybox_asks_for_the_health_of_any_image_from_a_volume() -> None:
    """As the Docker target does it. A proxy in the container's variables is not asked."""
    tools = engine.volume()
    copy = ("/bin/busybox", "cp", "/bin/busybox", "/tmp/busybox")
    limits = ("--user=65534:65534", "--network=none", "--cap-drop=ALL", f"--volume={tools}:/tmp")
    engine.once("busybox", *copy, options=limits)
    options = (
        "--user=7:8",
        "--hostname=server",
        *HARDENED,
        f"--volume={tools}:/run/ai-platform:ro",
    )
    server = engine.start("python", "python3", "-c", STATUS_SERVER, options=options)

    def asked(port: int, path: str) -> int:
        wget = ("/run/ai-platform/busybox", "wget", "-q", "-Y", "off", "-O", "/dev/null")
        limited = ("timeout", "3", *wget, f"http://server:{port}/{path}")
        return server.run(*limited, env=["http_proxy=http://192.0.2.1:9"]).returncode

    server.until(lambda: asked(8000, "200") == 0)
    well = {"200": True, "204": True, "301/204": True}
    ill = dict.fromkeys(("301/503", "304", "400", "401", "404", "500", "503"), False)
    assert {path: asked(8000, path) == 0 for path in well | ill} == well | ill
    assert asked(8001, "") == 124
    assert asked(8002, "") == 1
