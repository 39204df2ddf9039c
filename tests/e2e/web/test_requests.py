"""What the web image serves, hands on to the backend, and logs."""

import httpx2

from tests.e2e.web.engine import access_log, docker, url

MARK = "a-token-that-no-log-may-hold"


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
