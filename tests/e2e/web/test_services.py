"""The gateway resolves the names of services and follows their addresses."""

import time

import httpx2

from tests.e2e.web.engine import (
    HEALTH,
    NAME,
    PYTHON,
    access_log,
    remove,
    run,
    run_gateway,
    run_service,
    url,
    wait_for,
)


def routed(service: str) -> dict[str, object]:
    """A stack whose gateway leads /api/ to a service of this name."""
    services = {service: {"image": "example/app:1", "port": 8000}}
    return {"api": {"services": services}, "web": {"routes": {"/api/": service}}}


def test_it_follows_a_moved_service_and_answers_502_in_json_without_one() -> None:
    run_service("first", "ai-platform-moving")
    gateway = run_gateway("moving", routed("moving"))
    api = f"{url(gateway)}/api/x"
    wait_for(api, 200, 10)
    assert {httpx2.get(api).json()["host"] for _ in range(20)} == {"first"}
    remove(f"{NAME}-first")
    answer = wait_for(api, 502, 15)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"] == "unavailable"
    assert httpx2.get(f"{url(gateway)}{HEALTH}").status_code == 200
    # Another container takes the old address, so that the new service gets another one.
    run("placeholder", "--network", NAME, PYTHON, "sleep", "60")
    run_service("second", "ai-platform-moving")
    wait_for(api, 200, 10)
    time.sleep(5)  # each nginx worker keeps a resolved address that long
    assert {httpx2.get(api).json()["host"] for _ in range(20)} == {"second"}
    remove(gateway)


def test_a_refused_connection_is_retried_at_another_address() -> None:
    alias = ("--network-alias", "ai-platform-pair")
    run("silent", "--network", NAME, *alias, PYTHON, "sleep", "60")
    run_service("answering", "ai-platform-pair")
    gateway = run_gateway("pair", routed("pair"))
    api = f"{url(gateway)}/api/x"
    wait_for(api, 200, 10)
    assert [httpx2.get(api).status_code for _ in range(20)] == [200] * 20
    assert {"502, 200", "200"} == {line["upstream_status"] for line in access_log(gateway)}
    remove(gateway)


def test_a_name_is_resolved_with_the_search_domain_of_a_pod() -> None:
    run_service("pod", "ai-platform-inside.example.svc.cluster.local")
    search = ("--dns-search", "example.svc.cluster.local", "--dns-search", "svc.cluster.local")
    gateway = run_gateway("search", routed("inside"), *search)
    assert wait_for(f"{url(gateway)}/api/x", 200, 10).json()["host"] == "pod"
    remove(gateway)


def test_without_a_ready_replica_another_one_says_what_is_down() -> None:
    """Only replicas that are ready have the usual name."""
    run_service("ailing", "ai-platform-ailing-all")
    service = {"image": "example/app:1", "port": 8000, "status": "/api/status"}
    routes = {"/api/": "ailing", "/x/": {"to": "ailing", "strip_prefix": True}}
    gateway = run_gateway(
        "ailing-gateway", {"api": {"services": {"ailing": service}}, "web": {"routes": routes}}
    )
    status = wait_for(f"{url(gateway)}/api/status?x=1", 200, 10)
    assert (status.json()["host"], status.json()["path"]) == ("ailing", "/api/status?x=1")
    answer = httpx2.get(f"{url(gateway)}/api/x")
    assert (answer.status_code, answer.json()["error"]) == (502, "unavailable")
    remove(f"{NAME}-ailing")
    answer = wait_for(f"{url(gateway)}/api/status", 502, 15)
    assert answer.json()["error"] == "unavailable"
    remove(gateway)
