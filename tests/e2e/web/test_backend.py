"""How the web image finds the backend, wherever it is."""

import time

import httpx2

from tests.e2e.web.engine import (
    NAME,
    PYTHON,
    access_log,
    docker,
    run,
    run_backend,
    run_web,
    url,
    wait_for,
)


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
