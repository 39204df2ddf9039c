"""The web image on the real engine, in front of a small backend of its own.

`WEB_BASE` and `WEB_PYTHON` name other images for its base and for that backend.
"""

import json
import os
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

WEB = Path(__file__).parents[2] / "images" / "web"
BASE = os.environ.get("WEB_BASE", "ai-platform/nginx:debian12")
PYTHON = os.environ.get("WEB_PYTHON", "ai-platform/python:3.11-debian12")

LABEL = "ai-platform.test=web-image"
NAME = "ai-platform-test-web"
IMAGE = f"{NAME}:e2e"
MARK = "a-token-that-no-log-may-hold"

# Answers with its own name and the headers that it got; /api/slow takes 2 s.
BACKEND = """
import http.server, json, socket, time
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/api/slow":
            time.sleep(2)
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = {"host": socket.gethostname(), "path": self.path, "headers": headers}
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-ID", "the-backend-s-own")
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = answer
http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0 or not check, f"docker {arguments}: {result.stderr}"
    return result


def remove_all() -> None:
    """What an earlier run left behind goes too."""
    for kind, listing, removal in (
        ("container", ("ls", "--all"), ("rm", "--force", "--volumes")),
        ("network", ("ls",), ("rm",)),
    ):
        found = docker(kind, *listing, "--quiet", "--filter", f"label={LABEL}").stdout.split()
        if found:
            docker(kind, *removal, *found)


def run(name: str, *arguments: str) -> str:
    """Start a container of this test; its name."""
    docker("run", "--detach", "--label", LABEL, "--name", f"{NAME}-{name}", *arguments)
    return f"{NAME}-{name}"


def run_web(name: str, *options: str) -> str:
    """The web image as the platform runs it on Kubernetes, which is the stricter target."""
    return run(
        name,
        *("--read-only", "--tmpfs", "/tmp:mode=1777", "--volume", "/var/run/web"),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", NAME),
        *("--publish", "127.0.0.1::8080", "--publish", "127.0.0.1::8443", *options, IMAGE),
    )


def run_backend(name: str, *options: str) -> str:
    return run(
        name, "--network", NAME, "--hostname", name, *options, PYTHON, "python3", "-c", BACKEND
    )


def url(container: str, port: int = 8080) -> str:
    published = docker("port", container, str(port)).stdout.split()[0]
    return f"{'https' if port == 8443 else 'http'}://{published}"


def wait_for(url: str, status: int, seconds: float) -> httpx2.Response:
    """The first answer with this status."""
    end = time.monotonic() + seconds
    seen: object = None
    while time.monotonic() < end:
        try:
            response = httpx2.get(url, timeout=5, verify=False)
            if response.status_code == status:
                return response
            seen = response.status_code
        except httpx2.TransportError as error:
            seen = error
        time.sleep(0.1)
    raise AssertionError(f"{url}: no {status} within {seconds} s, but {seen}")


def access_log(container: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in docker("logs", container).stdout.splitlines()]


@pytest.fixture(scope="module", autouse=True)
def backend() -> Iterator[None]:
    remove_all()
    os.environ["DOCKER_BUILDKIT"] = "0"
    docker("build", "--quiet", "--build-arg", f"BASE={BASE}", "--tag", IMAGE, str(WEB))
    docker("network", "create", "--label", LABEL, NAME)
    run_backend("backend", "--network-alias", "ai-platform-backend")
    yield
    remove_all()
    docker("image", "rm", IMAGE)


@pytest.fixture(scope="module")
def web(backend: None) -> str:
    """A healthy web container in front of the backend."""
    container = run_web("web")
    wait_for(f"{url(container)}/health", 200, 10)
    return container


def test_page_and_assets_are_served_each_with_its_cache_rule(web: str) -> None:
    page = httpx2.get(url(web))
    assert page.headers["cache-control"] == "no-cache"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["server"] == "nginx"
    script = page.text.split('src="/assets/')[1].split('"')[0]
    assert script.endswith("/main.js")
    asset = httpx2.get(f"{url(web)}/assets/{script}")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].endswith("/javascript")
    assert asset.headers["content-encoding"] == "gzip"
    # Modules import each other by relative paths, so below the same hash.
    assert httpx2.get(f"{url(web)}/assets/{script.split('/')[0]}/api.js").status_code == 200


def test_unknown_paths_are_the_page_for_navigation_and_not_found_otherwise(web: str) -> None:
    navigation = {"Accept": "text/html,*/*"}
    assert "<title>AI Decision Platform" in httpx2.get(f"{url(web)}/a/b", headers=navigation).text
    for path in ("/a/b", "/assets/gone.js", "/gone.png"):
        assert httpx2.get(f"{url(web)}{path}").status_code == 404
    for path in ("/assets/gone.js", "/gone.png", "/metrics", "/metrics/", "/metrics?x=/"):
        gone = httpx2.get(f"{url(web)}{path}", headers=navigation)
        assert gone.status_code == 404
        assert "AI Decision Platform" not in gone.text


def test_health_answers_in_json_and_is_not_logged(web: str) -> None:
    answer = httpx2.get(f"{url(web)}/health")
    assert answer.json() == {"status": "ok"}
    httpx2.get(f"{url(web)}/api/health")
    assert "/api/health" in {line["path"] for line in access_log(web)}
    assert "/health" not in {line["path"] for line in access_log(web)}


def test_backend_is_reached_with_true_headers(web: str) -> None:
    sent = {
        "Authorization": f"Bearer {MARK}",
        "X-Request-ID": "from-the-caller",
        "X-Forwarded-For": "198.51.100.7",
        "Forwarded": "for=198.51.100.7",
        "Proxy": "http://198.51.100.7",
        "Proxy-Connection": "keep-alive",
        "Keep-Alive": "timeout=5",
        "TE": "trailers",
        "Upgrade": "h2c",
    }
    answer = httpx2.get(f"{url(web)}/api/decisions?limit=1", headers=sent)
    content = answer.json()
    got = content["headers"]
    assert content["path"] == "/api/decisions?limit=1"
    assert got["authorization"] == f"Bearer {MARK}"
    assert got["x-request-id"] == "from-the-caller"
    assert got["x-forwarded-for"].startswith("198.51.100.7, ")
    assert got["x-forwarded-proto"] == "http"
    assert got["x-forwarded-host"] == got["host"] == "127.0.0.1"
    hops = {"forwarded", "proxy", "proxy-connection", "keep-alive", "te", "upgrade"}
    assert hops & set(got) == set()
    assert answer.headers.get_list("x-request-id") == ["from-the-caller"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_request_id_that_could_forge_a_log_is_replaced(web: str) -> None:
    answer = httpx2.get(f"{url(web)}/api/x", headers={"X-Request-ID": 'a"b c'})
    assert len(answer.json()["headers"]["x-request-id"]) == 32


def test_logs_are_json_and_hold_no_token(web: str) -> None:
    httpx2.get(f"{url(web)}/api/x?secret={MARK}", headers={"Authorization": f"Bearer {MARK}"})
    line = access_log(web)[-1]
    assert line["path"] == "/api/x"
    assert line["status"] == 200
    assert line["upstream"].endswith(":8000")
    assert line["upstream_status"] == "200"
    assert float(line["upstream_seconds"]) <= line["duration_seconds"] + 0.001
    logs = docker("logs", web)
    assert MARK not in logs.stdout + logs.stderr


def test_a_body_that_is_too_large_is_refused_in_json(web: str) -> None:
    answer = httpx2.post(f"{url(web)}/api/decisions", content=b"x" * (2 << 20))
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_moved_backend_is_found_again_and_a_missing_one_is_a_json_502() -> None:
    run_backend("old", "--network-alias", "moving")
    web = run_web("moving", "--env", "API_HOST=moving")
    wait_for(f"{url(web)}/api/x", 200, 10)
    assert {httpx2.get(f"{url(web)}/api/x").json()["host"] for _ in range(20)} == {"old"}
    docker("rm", "--force", f"{NAME}-old")
    answer = wait_for(f"{url(web)}/api/x", 502, 15)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"] == "unavailable"
    assert httpx2.get(f"{url(web)}/health").status_code == 200
    # Somebody else takes the old address, so that the new backend has another one.
    run("squatter", "--network", NAME, PYTHON, "sleep", "60")
    run_backend("new", "--network-alias", "moving")
    wait_for(f"{url(web)}/api/x", 200, 10)
    time.sleep(5)  # nginx keeps an answer that long, each worker its own
    assert {httpx2.get(f"{url(web)}/api/x").json()["host"] for _ in range(20)} == {"new"}
    docker("rm", "--force", "--volumes", web)


def test_a_refused_connection_is_tried_once_more_at_another_address() -> None:
    run("deaf", "--network", NAME, "--network-alias", "pair", PYTHON, "sleep", "60")
    run_backend("hearing", "--network-alias", "pair")
    web = run_web("pair", "--env", "API_HOST=pair")
    wait_for(f"{url(web)}/api/x", 200, 10)
    assert [httpx2.get(f"{url(web)}/api/x").status_code for _ in range(20)] == [200] * 20
    assert {"502, 200", "200"} == {line["upstream_status"] for line in access_log(web)}
    docker("rm", "--force", "--volumes", web)


def test_a_plain_service_name_works_where_kubernetes_would_search_its_namespace() -> None:
    run_backend("pod", "--network-alias", "api.example.svc.cluster.local")
    search = ("--dns-search", "example.svc.cluster.local", "--dns-search", "svc.cluster.local")
    web = run_web("search", *search, "--env", "API_HOST=api")
    assert wait_for(f"{url(web)}/api/x", 200, 10).json()["host"] == "pod"
    docker("rm", "--force", "--volumes", web)


def test_it_runs_as_101_without_any_privilege_on_a_read_only_root(web: str) -> None:
    status = docker("exec", web, "cat", "/proc/1/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["101"] * 4
    assert fields["Gid"].split() == ["101"] * 4
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    assert docker("exec", web, "touch", "/srv/web/x", check=False).returncode != 0
    assert "[warn]" not in docker("logs", web).stderr


def test_it_serves_again_within_5_s_of_being_killed() -> None:
    web = run_web("killed")
    wait_for(f"{url(web)}/health", 200, 10)
    docker("kill", "--signal", "KILL", web)
    docker("start", web)
    wait_for(f"{url(web)}/health", 200, 5)
    wait_for(f"{url(web)}/api/x", 200, 5)


def test_a_stop_lets_the_request_under_way_end() -> None:
    web = run_web("stop")
    address = url(web)
    wait_for(f"{address}/api/x", 200, 10)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(httpx2.get, f"{address}/api/slow", timeout=10)
        time.sleep(0.7)
        started = time.monotonic()
        docker("stop", "--time", "25", web)
        assert answer.result().status_code == 200
    assert time.monotonic() - started < 10
    assert docker("inspect", "--format", "{{.State.ExitCode}}", web).stdout.strip() == "0"


def test_the_exporters_uid_reads_the_status_through_the_shared_directory(web: str) -> None:
    answer = docker(
        *("run", "--rm", "--label", LABEL, "--user", "1001:1001", "--network", "none"),
        *("--cap-drop", "ALL", "--volumes-from", f"{web}:ro", "--entrypoint", "curl"),
        *(IMAGE, "--silent", "--unix-socket", "/var/run/web/status.sock", "http://web/stub_status"),
    )
    assert answer.stdout.startswith("Active connections:")


def make_certificate(directory: Path) -> None:
    subject = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost")
    files = ("-keyout", str(directory / "tls.key"), "-out", str(directory / "tls.crt"))
    subprocess.run(["openssl", "req", *subject, *files], check=True, capture_output=True)
    (directory / "tls.key").chmod(0o444)
    directory.chmod(0o755)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_with_a_certificate_all_is_served_on_tls_and_plain_http_sends_there(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    options = ("--volume", f"{tmp_path}:/run/secrets:ro", "--env", "HTTPS_PORT=9443")
    web = run_web("tls", *options)
    headers = wait_for(f"{url(web, 8443)}/api/x", 200, 10).json()["headers"]
    assert headers["x-forwarded-proto"] == "https"
    assert httpx2.get(f"{url(web)}/health").status_code == 200
    sent = httpx2.post(f"{url(web)}/api/x?y=1")
    assert sent.status_code == 308
    assert sent.headers["location"] == "https://127.0.0.1:9443/api/x?y=1"
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(httpx2.ConnectError, match="alert protocol version"):
        httpx2.get(f"{url(web, 8443)}/health", verify=old)
    docker("rm", "--force", "--volumes", web)


def test_half_a_certificate_is_refused_with_a_sentence(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    (tmp_path / "tls.key").unlink()
    web = run_web("half", "--volume", f"{tmp_path}:/run/secrets:ro")
    assert docker("wait", web).stdout.strip() == "1"
    assert "TLS needs both /run/secrets/tls.crt and" in docker("logs", web).stderr
