"""TLS ends at the web image with a certificate, or at an Ingress in front of it."""

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
def test_with_a_certificate_plain_http_redirects_to_tls(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    options = ("--volume", f"{tmp_path}:/run/secrets:ro", "--env", "HTTPS_PORT=9443")
    web = run_web("tls", *options)
    headers = wait_for(f"{url(web, 8443)}/api/x", 200, 10).json()["headers"]
    assert headers["x-forwarded-proto"] == "https"
    assert httpx2.get(f"{url(web)}/health").status_code == 200
    redirect = httpx2.post(f"{url(web)}/api/x?y=1")
    assert redirect.status_code == 308
    assert redirect.headers["location"] == "https://127.0.0.1:9443/api/x?y=1"
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(httpx2.ConnectError, match="alert protocol version"):
        httpx2.get(f"{url(web, 8443)}/health", verify=context)
    docker("rm", "--force", "--volumes", web)


def test_a_certificate_without_its_key_is_rejected_with_an_explanation(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    (tmp_path / "tls.key").unlink()
    web = run_web("half", "--volume", f"{tmp_path}:/run/secrets:ro")
    assert docker("wait", web).stdout.strip() == "1"
    assert "TLS needs both /run/secrets/tls.crt and" in docker("logs", web).stderr


def test_behind_an_ingress_plain_http_redirects_to_https_of_the_same_host_and_path() -> None:
    web = run_web("ingress", "--env", "REDIRECT_HTTPS=on")
    wait_for(f"{url(web)}/api/x", 200, 10)

    def forwarded(path: str, scheme: str) -> httpx2.Response:
        headers = {"Host": "ai-platform.example.com", "X-Forwarded-Proto": scheme}
        return httpx2.get(f"{url(web)}{path}", headers=headers)

    for path in ("/", "/api/x?y=1"):
        redirect = forwarded(path, "http")
        assert redirect.status_code == 308
        assert redirect.headers["location"] == f"https://ai-platform.example.com{path}"
        assert forwarded(path, "https").status_code == 200
        # A client that bypasses the Ingress, such as the kubelet, sends no such header.
        assert httpx2.get(f"{url(web)}{path}").status_code == 200
    assert forwarded("/api/x", "https").json()["headers"]["x-forwarded-proto"] == "https"
    for scheme in ("http", "https"):
        assert forwarded("/health", scheme).json() == {"status": "ok"}
        assert forwarded("/metrics", scheme).status_code == 404
    docker("rm", "--force", "--volumes", web)


def test_without_an_ingress_that_ends_tls_no_client_is_redirected(web: str) -> None:
    answer = httpx2.get(f"{url(web)}/", headers={"X-Forwarded-Proto": "http"})
    assert answer.status_code == 200
