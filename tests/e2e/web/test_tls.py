"""TLS ends at the gateway with a certificate, or at an Ingress in front of it."""

import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.web.engine import HEALTH, at_once, docker, remove, run_gateway, url, wait_for
from tests.unit.describing import KUBERNETES


def make_certificate(directory: Path) -> dict[str, str]:
    subject = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost")
    paths = {"certificate": str(directory / "tls.crt"), "key": str(directory / "tls.key")}
    files = ("-keyout", paths["key"], "-out", paths["certificate"])
    subprocess.run(["openssl", "req", *subject, *files], check=True, capture_output=True)
    return paths


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_with_a_certificate_plain_http_redirects_to_tls(tmp_path: Path, page: str) -> None:
    docker_settings = {"tls": make_certificate(tmp_path), "ports": {"web": 9443}}
    routes = {"api.example.com": "backend"}
    gateway = run_gateway("tls", {"docker": docker_settings, "web": {"routes": routes}})
    headers = wait_for(f"{url(gateway, 8443)}/api/x", 200, 10).json()["headers"]
    assert headers["x-forwarded-proto"] == "https"
    # A browser stays on HTTPS, and one that begins with plain HTTP at this port is led there.
    page_over_tls = httpx2.get(f"{url(gateway, 8443)}/", verify=False)
    assert page_over_tls.headers.get_list("strict-transport-security") == ["max-age=31536000"]
    redirect = httpx2.get(f"http://{url(gateway, 8443).partition('://')[2]}/api/x?y=1")
    assert redirect.status_code == 308
    assert redirect.headers["location"] == "https://127.0.0.1:9443/api/x?y=1"
    other = {"Host": "api.example.com"}
    answer = httpx2.get(f"{url(gateway, 8443)}/x", headers=other, verify=False)
    assert answer.json()["headers"]["host"] == "api.example.com"
    # The service does not know that the client came over TLS.
    answer = httpx2.get(f"{url(gateway, 8443)}/api/redirect?absolute", verify=False)
    assert answer.headers["location"] == "/login"
    assert httpx2.get(f"{url(gateway)}{HEALTH}").status_code == 200
    redirect = httpx2.post(f"{url(gateway)}/api/x?y=1")
    assert redirect.status_code == 308
    assert redirect.headers["location"] == "https://127.0.0.1:9443/api/x?y=1"
    assert "strict-transport-security" not in redirect.headers
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(httpx2.ConnectError, match="alert protocol version"):
        httpx2.get(f"{url(gateway, 8443)}{HEALTH}", verify=context)
    assert "[warn]" not in docker("logs", gateway).stderr
    remove(gateway)


def behind_ingress(**web: Any) -> dict[str, Any]:
    ingress = {"controller_namespace": "traefik", "tls": {"secret": "certificate"}}
    return {**KUBERNETES, "web": web, "kubernetes": {"ingress": ingress}}


def test_behind_an_ingress_plain_http_redirects_to_https_of_the_same_host_and_path(
    page: str,
) -> None:
    settings = behind_ingress(host="ai.example.com", routes={"api.example.com": "backend"})
    gateway = run_gateway("ingress", settings)
    wait_for(f"{url(gateway)}/api/x", 200, 10)

    def forwarded(path: str, scheme: str, host: str = "ai.example.com") -> httpx2.Response:
        headers = {"Host": host, "X-Forwarded-Proto": scheme}
        return httpx2.get(f"{url(gateway)}{path}", headers=headers)

    for host in ("ai.example.com", "api.example.com"):
        for path in ("/api/", "/api/x?y=1"):
            redirect = forwarded(path, "http", host)
            assert redirect.status_code == 308
            assert redirect.headers["location"] == f"https://{host}{path}"
            secure = forwarded(path, "https", host)
            assert secure.status_code == 200
            assert secure.headers["strict-transport-security"] == "max-age=31536000"
            # A client that bypasses the Ingress, such as the kubelet, sends no such header.
            assert httpx2.get(f"{url(gateway)}{path}").status_code == 200
    assert forwarded("/api/x", "https").json()["headers"]["x-forwarded-proto"] == "https"
    for scheme in ("http", "https"):
        assert forwarded(HEALTH, scheme).json() == {"status": "ok"}
    remove(gateway)


def test_behind_an_ingress_the_address_that_its_controller_saw_is_limited(page: str) -> None:
    settings = behind_ingress(host="ai.example.com", gateway={"rate_limit": 1})
    gateway = run_gateway("counted", settings)
    wait_for(f"{url(gateway)}{HEALTH}", 200, 10)

    def accepted(forwarded_for: str) -> int:
        """How many of 20 requests at once. A burst of six is accepted, then one in a second."""
        headers = {"X-Forwarded-For": forwarded_for}
        answers = at_once(f"{url(gateway)}/api/x", headers)
        return sum(answer.status_code == 200 for answer in answers)

    assert 6 <= accepted("192.0.2.1, 198.51.100.7") < 15
    assert accepted("192.0.2.2, 198.51.100.7:51234") < 6
    assert 6 <= accepted("198.51.100.7, 198.51.100.8") < 15
    remove(gateway)


def test_without_an_ingress_that_ends_tls_no_client_is_redirected(gateway: str) -> None:
    answer = httpx2.get(f"{url(gateway)}/", headers={"X-Forwarded-Proto": "http"})
    assert answer.status_code == 200
