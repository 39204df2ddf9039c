from __future__ import annotations

from typing import Any

from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits.network import Ingress, Service
from tests.unit.airgap.plugins.kubernetes.conftest import FakeApi
from tests.unit.airgap.plugins.kubernetes.waits.conftest import Clock, thing

ENDPOINTS = "/api/v1/namespaces/ns/endpoints/x"
ADDRESS = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}


def service(status: Any = None, **spec: Any) -> Object:
    return thing("Service", {"selector": {"app": "x"}, "clusterIP": "10.0.0.1"} | spec, status)


def endpoints(version: str, **subset: Any) -> Object:
    made = thing("Endpoints", resourceVersion=version)
    return made | {"subsets": [subset] if subset else []}


def ingress(status: Any = None) -> Object:
    path = {"path": "/", "backend": {"service": {"name": "x"}}}
    return thing("Ingress", {"rules": [{"http": {"paths": [path, {}]}}, {}]}, status)


def test_a_service_is_ready_ten_seconds_after_its_endpoints_last_changed(
    objects: Objects, api: FakeApi, clock: Clock
) -> None:
    check = Service(objects, clock)
    assert not check.look(service()).ready  # it has none yet
    api.live[ENDPOINTS] = endpoints("1", addresses=[{}])
    assert not check.look(service()).ready
    clock.now = 9
    api.live[ENDPOINTS] = endpoints("2", addresses=[{}])
    assert not check.look(service()).ready
    clock.now = 18
    assert not check.look(service()).ready
    clock.now = 19
    assert check.look(service()).ready


def test_a_service_waits_for_pods_that_start_and_not_for_none(
    objects: Objects, api: FakeApi, clock: Clock
) -> None:
    check = Service(objects, clock)
    api.live[ENDPOINTS] = endpoints("1", notReadyAddresses=[{}])
    check.look(service())
    clock.now = 60
    assert not check.look(service()).ready
    api.live[ENDPOINTS] = endpoints("2")
    check.look(service())
    clock.now = 70
    assert check.look(service()).ready


def test_a_service_without_pods_of_its_own_is_ready_at_once(objects: Objects, clock: Clock) -> None:
    check = Service(objects, clock)
    assert check.look(service(clusterIP="None")).ready
    assert check.look(service(type="ExternalName")).ready
    assert check.look(service(selector={})).ready


def test_a_load_balancer_needs_an_address(objects: Objects, api: FakeApi, clock: Clock) -> None:
    check = Service(objects, clock)
    look = check.look(service(type="LoadBalancer"))
    assert look.doing == "[2/3] Attempting to allocate IP address to Service"
    assert [reason.split()[:4] for reason in check.reasons(service(type="LoadBalancer"))] == [
        ["Service", "does", "not", "target"],
        ["Service", "was", "not", "allocated"],
    ]
    assert check.look(service(ADDRESS, type="LoadBalancer", selector={})).ready


def test_an_ingress_is_ready_with_an_address_and_its_services(
    objects: Objects, api: FakeApi, clock: Clock
) -> None:
    check = Ingress(objects, clock)
    look = check.look(ingress(ADDRESS))
    assert look.doing == "[1/3] Finding a matching service for each Ingress path"
    api.live[ENDPOINTS] = endpoints("1")
    assert check.look(ingress(ADDRESS)).ready
    assert not check.look(ingress()).ready


def test_an_ingress_that_no_controller_takes_says_so(objects: Objects, clock: Clock) -> None:
    assert Ingress(objects, clock).reasons(ingress()) == [
        'No matching service found for ingress rule: "x"',
        "Ingress .status.loadBalancer field was not updated with a hostname/IP address: is there "
        "a controller for its class?",
    ]


def test_an_ingress_does_not_wait_for_ever_for_a_service(
    objects: Objects, api: FakeApi, clock: Clock
) -> None:
    check = Ingress(objects, clock)
    clock.now = 60
    assert check.look(ingress(ADDRESS)).ready


def test_a_service_outside_needs_no_endpoints(objects: Objects, api: FakeApi, clock: Clock) -> None:
    api.live["/api/v1/namespaces/ns/services/x"] = service(type="ExternalName")
    assert Ingress(objects, clock).look(ingress(ADDRESS)).ready
