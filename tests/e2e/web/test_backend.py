"""The web image resolves the backend's name and follows its address."""

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


def test_the_web_image_follows_a_moved_backend_and_answers_502_in_json_without_one() -> None:
    run_backend("first", "--network-alias", "moving")
    web = run_web("moving", "--env", "API_HOST=moving")
    wait_for(f"{url(web)}/api/x", 200, 10)
    assert {httpx2.get(f"{url(web)}/api/x").json()["host"] for _ in range(20)} == {"first"}
    docker("rm", "--force", f"{NAME}-first")
    answer = wait_for(f"{url(web)}/api/x", 502, 15)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"] == "unavailable"
    assert httpx2.get(f"{url(web)}/health").status_code == 200
    # Another container takes the old address, so that the new backend gets another one.
    run("placeholder", "--network", NAME, PYTHON, "sleep", "60")
    run_backend("second", "--network-alias", "moving")
    wait_for(f"{url(web)}/api/x", 200, 10)
    time.sleep(5)  # each nginx worker keeps a resolved address that long
    assert {httpx2.get(f"{url(web)}/api/x").json()["host"] for _ in range(20)} == {"second"}
    docker("rm", "--force", "--volumes", web)


def test_a_refused_connection_is_retried_at_another_address() -> None:
    run("silent", "--network", NAME, "--network-alias", "pair", PYTHON, "sleep", "60")
    run_backend("answering", "--network-alias", "pair")
    web = run_web("pair", "--env", "API_HOST=pair")
    wait_for(f"{url(web)}/api/x", 200, 10)
    assert [httpx2.get(f"{url(web)}/api/x").status_code for _ in range(20)] == [200] * 20
    assert {"502, 200", "200"} == {line["upstream_status"] for line in access_log(web)}
    docker("rm", "--force", "--volumes", web)


def test_a_plain_service_name_is_resolved_with_the_search_domains() -> None:
    run_backend("pod", "--network-alias", "api.example.svc.cluster.local")
    search = ("--dns-search", "example.svc.cluster.local", "--dns-search", "svc.cluster.local")
    web = run_web("search", *search, "--env", "API_HOST=api")
    assert wait_for(f"{url(web)}/api/x", 200, 10).json()["host"] == "pod"
    docker("rm", "--force", "--volumes", web)
