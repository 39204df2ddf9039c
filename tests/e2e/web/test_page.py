"""Our page behind the gateway."""

import httpx2

from tests.e2e.web.engine import IMAGE, LABEL, docker, url


def test_the_page_and_its_assets_have_their_headers_through_the_gateway(gateway: str) -> None:
    page = httpx2.get(url(gateway))
    assert page.headers["cache-control"] == "no-cache"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers.get_list("referrer-policy") == ["no-referrer"]
    assert page.headers.get_list("x-content-type-options") == ["nosniff"]
    assert page.headers["server"] == "nginx"
    script = page.text.split('src="/assets/')[1].split('"')[0]
    assert script.endswith("/main.js")
    asset = httpx2.get(f"{url(gateway)}/assets/{script}")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].endswith("/javascript")
    assert asset.headers["content-encoding"] == "gzip"
    # Modules import each other by relative paths, so all are under the same hash.
    assert httpx2.get(f"{url(gateway)}/assets/{script.split('/')[0]}/api.js").status_code == 200


def test_an_unknown_path_returns_the_page_for_navigation_and_404_otherwise(page: str) -> None:
    navigation = {"Accept": "text/html,*/*"}
    assert "<title>AI Decision Platform" in httpx2.get(f"{url(page)}/a/b", headers=navigation).text
    for path in ("/a/b", "/assets/gone.js", "/gone.png"):
        assert httpx2.get(f"{url(page)}{path}").status_code == 404
    for path in ("/assets/gone.js", "/gone.png", "/metrics", "/metrics/", "/metrics?x=/"):
        answer = httpx2.get(f"{url(page)}{path}", headers=navigation)
        assert answer.status_code == 404
        assert "AI Decision Platform" not in answer.text


def test_metrics_never_returns_the_page(gateway: str) -> None:
    answer = httpx2.get(f"{url(gateway)}/metrics", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_it_runs_as_user_101_without_privileges_on_a_read_only_root(page: str) -> None:
    status = docker("exec", page, "cat", "/proc/1/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["101"] * 4
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
    assert docker("exec", page, "touch", "/srv/web/x", check=False).returncode != 0
    assert "[warn]" not in docker("logs", page).stderr


def test_the_exporters_user_reads_the_status_in_the_shared_directory(page: str) -> None:
    answer = docker(
        *("run", "--rm", "--label", LABEL, "--user", "1001:1001", "--network", "none"),
        *("--cap-drop", "ALL", "--volumes-from", f"{page}:ro", "--entrypoint", "curl"),
        *(IMAGE, "--silent", "--unix-socket", "/var/run/web/status.sock", "http://web/stub_status"),
    )
    assert answer.stdout.startswith("Active connections:")
