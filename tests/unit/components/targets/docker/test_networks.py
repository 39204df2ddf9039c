"""From `reaches` to networks: who shares one, and what it lets through."""

from itertools import combinations
from typing import Any

import pytest

from components import cache, data, observability
from components.api import ServiceConnection, api_services
from components.images import Catalogue
from components.targets.docker.networks import EDGE, OBSERVABILITY, OUTSIDE, Plan, plan
from components.web import frontend
from components.workload import (
    Address,
    Exposure,
    Identity,
    Image,
    Outside,
    Port,
    Resources,
    Workload,
)
from tests.unit.describing import settings
from tests.unit.rendering import Rendered, render

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
# On these two a container reaches the host or the outside, and no other container.
ISOLATING = {EDGE, OUTSIDE}


def workload(name: str, **given: Any) -> Workload:
    described: dict[str, Any] = {
        "tier": "api",
        "image": IMAGE,
        "resources": Resources(memory=64, cpu=0.1),
    }
    return Workload(
        name=name, ports=(Port(name="http", number=80, metrics="/metrics"),), **(described | given)
    )


def to(name: str) -> Address:
    return Address(workload=name, port=80)


def default_stack() -> list[Workload]:
    found = settings()
    catalogue = Catalogue(found)
    backend = ServiceConnection(
        address=Address(workload="backend", port=8000), starts_after=("backend",)
    )
    serving = [
        data.postgres(found, catalogue),
        data.exporter(catalogue),
        cache.redis(found, catalogue),
        cache.exporter(catalogue),
        *api_services(found, catalogue, data.connection(found), cache.connection(found)),
        frontend(found, catalogue, backend),
    ]
    own = [
        observability.alertmanager(found, catalogue),
        observability.gateway(catalogue),
        observability.grafana(found, catalogue),
    ]
    return [*serving, observability.prometheus(found, catalogue, [*serving, *own]), *own]


def joined(planned: Plan) -> dict[str, set[str]]:
    return {
        container: {attachment.network for attachment in attachments}
        for container, attachments in planned.attachments.items()
    }


def meetings(planned: Plan) -> set[frozenset[str]]:
    """The pairs of containers that share a network on which containers can talk."""
    on = {container: networks - ISOLATING for container, networks in joined(planned).items()}
    return {frozenset(pair) for pair in combinations(on, 2) if on[pair[0]] & on[pair[1]]}


def who_meets(name: str) -> set[str]:
    return {
        other for pair in meetings(plan(default_stack())) if name in pair for other in pair - {name}
    }


def test_the_web_tier_meets_the_backend_only() -> None:
    assert who_meets("frontend") == {"backend"}


def test_only_their_clients_meet_database_and_cache() -> None:
    assert who_meets("postgres") == {"backend", "postgres-exporter"}
    assert who_meets("redis") == {"backend", "redis-exporter"}


def test_the_decision_service_meets_no_data() -> None:
    assert not who_meets("decision") & {"frontend", "postgres", "redis"}


@pytest.mark.parametrize("name", ["frontend", "postgres", "redis"])
def test_observability_is_never_joined_by(name: str) -> None:
    assert OBSERVABILITY not in joined(plan(default_stack()))[name]


def test_whoever_reaches_a_workload_meets_the_container_that_listens() -> None:
    workloads = default_stack()
    met = meetings(plan(workloads))
    for client in workloads:
        for reach in client.reaches:
            if isinstance(reach, Address) and reach.workload != client.name:
                server = next(each for each in workloads if each.name == reach.workload)
                listening = next(
                    each.name
                    for each in server.containers()
                    if any(port.number == reach.port for port in each.ports)
                )
                assert frozenset({client.name, listening}) in met


def test_only_what_is_published_is_on_the_edge() -> None:
    on_edge = {name for name, networks in joined(plan(default_stack())).items() if EDGE in networks}
    assert on_edge == {
        "frontend",
        "backend",
        "decision",
        "prometheus",
        "alertmanager-gateway",
        "grafana",
    }


def test_nothing_of_the_default_stack_has_a_way_out() -> None:
    assert OUTSIDE not in {network.name for network in plan(default_stack()).networks}


def test_every_container_is_on_a_network_of_ours() -> None:
    """On none, the engine would put it on its default network, which has a way out."""
    planned = plan(default_stack())
    containers = {each.name for workload in default_stack() for each in workload.containers()}
    assert set(planned.attachments) == containers
    assert all(planned.attachments.values())


def test_a_workload_that_nobody_reaches_is_alone_on_a_network_of_its_own() -> None:
    planned = plan([workload("a"), workload("b")])
    assert joined(planned) == {"a": {"a"}, "b": {"b"}}


def test_an_outside_server_is_reached_over_the_network_with_a_way_out() -> None:
    mail = Outside(name="mail", ports=(25,))
    planned = plan([workload("a", reaches=(mail,)), workload("b", reaches=(mail,))])
    assert joined(planned) == {"a": {OUTSIDE}, "b": {OUTSIDE}}
    assert meetings(planned) == set()


def test_two_clients_of_one_server_meet_on_its_network() -> None:
    """The price of one network per server; neither listens there for the other."""
    planned = plan([workload("s"), workload("a", reaches=(to("s"),)), workload("b")])
    assert joined(planned) == {"s": {"s"}, "a": {"s"}, "b": {"b"}}


def test_a_server_is_reached_by_its_name_and_discovered_by_its_metrics_name() -> None:
    planned = plan([workload("s"), workload("a", reaches=(to("s"),))])
    (on_s,) = planned.attachments["s"]
    (on_a,) = planned.attachments["a"]
    assert on_s.aliases == ("ai-platform-s", "ai-platform-s-metrics")
    assert on_a.aliases == ()


def test_an_exporter_is_discovered_under_the_name_of_what_it_exports() -> None:
    planned = plan(
        [workload("e", metrics_of="s"), workload("p", tier=OBSERVABILITY, reaches=(to("e"),))]
    )
    (attachment,) = planned.attachments["e"]
    assert attachment.network == OBSERVABILITY
    assert "ai-platform-s-metrics" in attachment.aliases


def test_a_port_of_a_sidecar_puts_the_sidecar_on_the_network_and_not_the_workload() -> None:
    (attachment,) = plan(default_stack()).attachments["frontend-exporter"]
    assert attachment.network == OBSERVABILITY
    assert attachment.aliases == ("ai-platform-frontend-metrics",)


def test_a_workload_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="ghost"):
        plan([workload("a", reaches=(to("ghost"),))])


def test_a_port_that_nobody_listens_on_is_named() -> None:
    with pytest.raises(KeyError, match="s has no port 81"):
        plan([workload("s"), workload("a", reaches=(Address(workload="s", port=81),))])


def test_the_order_of_workloads_does_not_change_the_plan() -> None:
    workloads = default_stack()
    one, other = plan(workloads), plan(workloads[::-1])
    assert one.networks == other.networks
    assert one.attachments == other.attachments


def test_an_exposed_workload_is_on_the_edge() -> None:
    planned = plan([workload("a", exposure=Exposure(endpoint="a", port=80))])
    assert joined(planned) == {"a": {EDGE}}


def test_only_edge_and_outside_are_open_and_there_containers_can_not_talk() -> None:
    rendered = render(
        {"api": {"services": {"backend": {"outside": [{"name": "mail", "ports": [25]}]}}}}
    )
    bridge = "com.docker.network.bridge"
    for name, network in rendered.of_type("Network").items():
        inputs = network.inputs
        if name == f"network-{EDGE}":
            assert inputs["options"] == {
                f"{bridge}.enable_icc": "false",
                f"{bridge}.enable_ip_masquerade": "false",
            }
        elif name == f"network-{OUTSIDE}":
            assert inputs["options"] == {f"{bridge}.enable_icc": "false"}
        else:
            assert inputs["internal"] is True
    assert f"network-{OUTSIDE}" in rendered.of_type("Network")


def test_the_backend_s_own_calls_out_do_not_open_a_way_for_the_web_tier(dev: Rendered) -> None:
    networks = {each["name"] for each in dev.containers()["frontend"]["networksAdvanced"]}
    assert networks == {"ai-platform-dev-backend", "ai-platform-dev-edge"}
