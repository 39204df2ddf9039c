"""Where TLS ends: at the web image with a certificate, or before it, at an Ingress."""

import ssl
import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.e2e.web.engine import docker, run_web, url, wait_for


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


def test_behind_an_ingress_plain_http_is_sent_to_https_of_the_same_host_and_path() -> None:
    web = run_web("ingress", "--env", "REDIRECT_HTTPS=on")
    wait_for(f"{url(web)}/api/x", 200, 10)

    def asked(path: str, came: str) -> httpx2.Response:
        headers = {"Host": "ai-platform.example.com", "X-Forwarded-Proto": came}
        return httpx2.get(f"{url(web)}{path}", headers=headers)

    for path in ("/", "/api/x?y=1"):
        sent = asked(path, "http")
        assert sent.status_code == 308
        assert sent.headers["location"] == f"https://ai-platform.example.com{path}"
        assert asked(path, "https").status_code == 200
        # Who asks past the Ingress, as the kubelet does, says nothing of how they came.
        assert httpx2.get(f"{url(web)}{path}").status_code == 200
    assert asked("/api/x", "https").json()["headers"]["x-forwarded-proto"] == "https"
    for came in ("http", "https"):
        assert asked("/health", came).json() == {"status": "ok"}
        assert asked("/metrics", came).status_code == 404
    docker("rm", "--force", "--volumes", web)


def test_without_an_ingress_that_ends_tls_nobody_is_redirected(web: str) -> None:
    answer = httpx2.get(f"{url(web)}/", headers={"X-Forwarded-Proto": "http"})
    assert answer.status_code == 200
