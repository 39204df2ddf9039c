"""The web image serves pages, forwards requests to the backend, and writes logs."""

import httpx2

from tests.e2e.web.engine import access_log, docker, url

TOKEN = "a-token-that-no-log-may-contain"


def test_the_page_and_its_assets_have_their_cache_headers(web: str) -> None:
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
    # Modules import each other by relative paths, so all are under the same hash.
    assert httpx2.get(f"{url(web)}/assets/{script.split('/')[0]}/api.js").status_code == 200


def test_an_unknown_path_returns_the_page_for_navigation_and_404_otherwise(web: str) -> None:
    navigation = {"Accept": "text/html,*/*"}
    assert "<title>AI Decision Platform" in httpx2.get(f"{url(web)}/a/b", headers=navigation).text
    for path in ("/a/b", "/assets/gone.js", "/gone.png"):
        assert httpx2.get(f"{url(web)}{path}").status_code == 404
    for path in ("/assets/gone.js", "/gone.png", "/metrics", "/metrics/", "/metrics?x=/"):
        answer = httpx2.get(f"{url(web)}{path}", headers=navigation)
        assert answer.status_code == 404
        assert "AI Decision Platform" not in answer.text


def test_health_answers_in_json_and_is_not_logged(web: str) -> None:
    answer = httpx2.get(f"{url(web)}/health")
    assert answer.json() == {"status": "ok"}
    httpx2.get(f"{url(web)}/api/health")
    assert "/api/health" in {line["path"] for line in access_log(web)}
    assert "/health" not in {line["path"] for line in access_log(web)}


def test_the_backend_gets_correct_headers(web: str) -> None:
    request_headers = {
        "Authorization": f"Bearer {TOKEN}",
        "X-Request-ID": "from-the-caller",
        "X-Forwarded-For": "198.51.100.7",
        "Forwarded": "for=198.51.100.7",
        "Proxy": "http://198.51.100.7",
        "Proxy-Connection": "keep-alive",
        "Keep-Alive": "timeout=5",
        "TE": "trailers",
        "Upgrade": "h2c",
    }
    answer = httpx2.get(f"{url(web)}/api/decisions?limit=1", headers=request_headers)
    content = answer.json()
    headers = content["headers"]
    assert content["path"] == "/api/decisions?limit=1"
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["x-request-id"] == "from-the-caller"
    assert headers["x-forwarded-for"].startswith("198.51.100.7, ")
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-host"] == headers["host"] == "127.0.0.1"
    hops = {"forwarded", "proxy", "proxy-connection", "keep-alive", "te", "upgrade"}
    assert hops & set(headers) == set()
    assert answer.headers.get_list("x-request-id") == ["from-the-caller"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_request_id_that_could_forge_a_log_is_replaced(web: str) -> None:
    answer = httpx2.get(f"{url(web)}/api/x", headers={"X-Request-ID": 'a"b c'})
    assert len(answer.json()["headers"]["x-request-id"]) == 32


def test_logs_are_json_without_tokens(web: str) -> None:
    httpx2.get(f"{url(web)}/api/x?secret={TOKEN}", headers={"Authorization": f"Bearer {TOKEN}"})
    line = access_log(web)[-1]
    assert line["path"] == "/api/x"
    assert line["status"] == 200
    assert line["upstream"].endswith(":8000")
    assert line["upstream_status"] == "200"
    assert float(line["upstream_seconds"]) <= line["duration_seconds"] + 0.001
    logs = docker("logs", web)
    assert TOKEN not in logs.stdout + logs.stderr


def test_a_body_that_is_too_large_is_rejected_in_json(web: str) -> None:
    answer = httpx2.post(f"{url(web)}/api/decisions", content=b"x" * (2 << 20))
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
