"""The gateway forwards requests to services, and writes logs."""

import httpx2

from tests.e2e.web.engine import (
    HEALTH,
    access_log,
    at_once,
    docker,
    remove,
    run_gateway,
    url,
    wait_for,
)

TOKEN = "a-token-that-no-log-may-contain"


def test_health_answers_in_json_and_is_not_logged(gateway: str) -> None:
    answer = httpx2.get(f"{url(gateway)}{HEALTH}")
    assert answer.json() == {"status": "ok"}
    httpx2.get(f"{url(gateway)}/api/health")
    assert "/api/health" in {line["path"] for line in access_log(gateway)}
    assert HEALTH not in {line["path"] for line in access_log(gateway)}


def test_a_service_gets_correct_headers(gateway: str) -> None:
    request_headers = {
        "Authorization": f"Bearer {TOKEN}",
        "X-Request-ID": "from-the-caller",
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Prefix": "/forged",
        "X-Forwarded-Port": "1",
        "X-Forwarded-Scheme": "forged",
        "X-Forwarded-Server": "forged.example.com",
        "X-Forwarded-Ssl": "on",
        "X-Real-IP": "198.51.100.7",
        "X-Original-URL": "/forged",
        "X-Rewrite-URL": "/forged",
        "Forwarded": "for=198.51.100.7",
        "Proxy": "http://198.51.100.7",
        "Proxy-Connection": "keep-alive",
        "Keep-Alive": "timeout=5",
        "TE": "trailers",
        "Upgrade": "h2c",
    }
    answer = httpx2.get(f"{url(gateway)}/api/decisions?limit=1", headers=request_headers)
    content = answer.json()
    headers = content["headers"]
    assert content["path"] == "/api/decisions?limit=1"
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["x-request-id"] == "from-the-caller"
    assert headers["x-forwarded-for"] == f"198.51.100.7, {headers['x-real-ip']}"
    assert headers["x-forwarded-proto"] == "http"
    # With the port, which applications compare with the header `Origin`.
    assert headers["x-forwarded-host"] == headers["host"] == url(gateway).removeprefix("http://")
    hops = {"forwarded", "proxy", "proxy-connection", "keep-alive", "te", "upgrade"}
    forged = {"x-original-url", "x-rewrite-url"}
    assert (hops | forged) & set(headers) == set()
    passed = {name for name in headers if name.startswith("x-forwarded-")}
    assert passed == {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    assert answer.headers.get_list("x-request-id") == ["from-the-caller"]


def test_a_service_may_set_its_own_security_headers(gateway: str) -> None:
    headers = httpx2.get(f"{url(gateway)}/api/own-headers").headers
    assert headers.get_list("referrer-policy") == ["origin"]
    assert headers.get_list("x-content-type-options") == ["none"]
    headers = httpx2.get(f"{url(gateway)}/api/x").headers
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in headers


def test_a_request_id_that_could_forge_a_log_is_replaced(gateway: str) -> None:
    answer = httpx2.get(f"{url(gateway)}/api/x", headers={"X-Request-ID": 'a"b c'})
    assert len(answer.json()["headers"]["x-request-id"]) == 32


def test_logs_are_json_without_tokens(gateway: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    httpx2.get(f"{url(gateway)}/api/x?secret={TOKEN}", headers=headers)
    line = access_log(gateway)[-1]
    assert (line["path"], line["route"], line["status"]) == ("/api/x", "/api/", 200)
    assert line["upstream"].endswith(":8000")
    assert line["upstream_status"] == "200"
    assert float(line["upstream_seconds"]) <= line["duration_seconds"] + 0.001
    logs = docker("logs", gateway)
    assert TOKEN not in logs.stdout + logs.stderr


def test_a_body_that_is_too_large_is_rejected_in_json(gateway: str) -> None:
    answer = httpx2.post(f"{url(gateway)}/api/decisions", content=b"x" * (2 << 20))
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_route_may_accept_larger_bodies_without_writing_them_to_a_file(gateway: str) -> None:
    answer = httpx2.post(f"{url(gateway)}/reports/upload", content=b"x" * (30 << 20), timeout=30)
    assert answer.json()["bytes"] == 30 << 20
    pieces = (b"x" * 1000 for _ in range(2000))
    answer = httpx2.post(f"{url(gateway)}/reports/upload", content=pieces, timeout=30)
    assert answer.json()["bytes"] == 2_000_000
    assert "buffered to a temporary file" not in docker("logs", gateway).stderr
    answer = httpx2.post(f"{url(gateway)}/reports/upload", content=b"x" * (41 << 20), timeout=30)
    assert answer.status_code == 413


def test_each_route_has_its_own_time_out(gateway: str) -> None:
    answer = httpx2.get(f"{url(gateway)}/buffered/slow")
    assert (answer.status_code, answer.json()["error"]) == (504, "too_late")
    assert httpx2.get(f"{url(gateway)}/reports/slow").status_code == 200


def test_an_address_that_sends_too_much_gets_429_in_json(page: str) -> None:
    gateway = run_gateway("limited", {"web": {"gateway": {"rate_limit": 2}}})
    address = url(gateway)
    wait_for(f"{address}{HEALTH}", 200, 10)
    answers = at_once(f"{address}/api/x")
    refused = [answer for answer in answers if answer.status_code != 200]
    assert 0 < len(refused) < 10
    assert {answer.status_code for answer in refused} == {429}
    assert refused[0].json()["error"] == "too_many_requests"
    assert refused[0].headers["retry-after"] == "1"
    assert {answer.status_code for answer in at_once(f"{address}{HEALTH}")} == {200}
    remove(gateway)


def test_a_services_own_429_passes_unchanged(gateway: str) -> None:
    answer = httpx2.get(f"{url(gateway)}/api/busy")
    assert (answer.status_code, answer.text) == (429, "own")
    assert answer.headers.get_list("retry-after") == ["9"]
