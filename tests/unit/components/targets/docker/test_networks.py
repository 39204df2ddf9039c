"""Networks from `reaches`: which containers share one, and what it allows."""

import re
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from components.addresses import Address, Outside
from components.container import Identity, Image, Port, Resources
from components.targets.docker.networks import NetworkPlan, plan
from components.targets.shared_names import EDGE, MONITORING, OUTSIDE
from components.workload import Exposure, Workload
from tests.unit.rendering import Rendered, render

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
# On these two networks a container reaches the host or the outside, but no other container.
ISOLATING = {EDGE, OUTSIDE}


def workload(name: str, **fields: Any) -> Workload:
    return Workload(
        name=name,
        tier="api",
        image=IMAGE,
        resources=Resources(memory=64, cpu=0.1),
        ports=(Port(name="http", number=80, metrics="/metrics"),),
        **fields,
    )


def to(name: str) -> Address:
    return Address(workload=name, port=80)


@pytest.fixture
def default_stack(dev: Rendered) -> list[Workload]:
    """The workloads of the default stack."""
    return dev.workloads


@pytest.fixture
def default_plan(default_stack: list[Workload]) -> NetworkPlan:
    return plan(default_stack)


def networks_of(plan: NetworkPlan) -> dict[str, set[str]]:
    return {
        container: {attachment.network for attachment in attachments}
        for container, attachments in plan.attachments.items()
    }


def meetings(plan: NetworkPlan) -> set[frozenset[str]]:
    """The pairs of containers that share a network on which containers can talk."""
    on = {container: networks - ISOLATING for container, networks in networks_of(plan).items()}
    return {frozenset(pair) for pair in combinations(on, 2) if on[pair[0]] & on[pair[1]]}


def neighbours(plan: NetworkPlan, name: str) -> set[str]:
    """The containers that one can talk to."""
    return {other for pair in meetings(plan) if name in pair for other in pair - {name}}


def test_the_gateway_shares_networks_with_what_its_routes_name_only(
    default_plan: NetworkPlan,
) -> None:
    """And with the prober, which is its client."""
    assert neighbours(default_plan, "gateway") == {"frontend", "backend", "prober"}
    assert neighbours(default_plan, "frontend") == {"gateway"}


def test_only_their_clients_meet_database_and_cache(default_plan: NetworkPlan) -> None:
    for server in ("postgres", "redis"):
        others = neighbours(default_plan, server) - {"backend"}
        assert f"{server}-exporter" in others
        if server == "postgres":
            # The step before the server is on its network, as in its pod on a cluster.
            others -= {"backup", "postgres-restore"}
        assert all(re.fullmatch(rf"{server}-(.+-)?exporter", name) for name in others)


def test_the_decision_service_shares_no_network_with_data(default_plan: NetworkPlan) -> None:
    assert not neighbours(default_plan, "decision") & {"gateway", "postgres", "redis"}


@pytest.mark.parametrize("name", ["gateway", "frontend", "postgres", "redis"])
def test_these_workloads_never_join_the_monitoring_network(
    default_plan: NetworkPlan, name: str
) -> None:
    assert MONITORING not in networks_of(default_plan)[name]


def test_a_client_shares_a_network_with_the_container_that_listens(
    default_stack: list[Workload], default_plan: NetworkPlan
) -> None:
    pairs = meetings(default_plan)
    for client in default_stack:
        for reach in client.reaches:
            if isinstance(reach, Address) and reach.workload != client.name:
                server = next(part for part in default_stack if part.name == reach.workload)
                listening = next(
                    container.name
                    for container in server.containers()
                    if any(port.number == reach.port for port in container.ports)
                )
                assert frozenset({client.name, listening}) in pairs


def test_only_published_workloads_are_on_the_edge_network(default_plan: NetworkPlan) -> None:
    on_edge = {name for name, networks in networks_of(default_plan).items() if EDGE in networks}
    assert on_edge == {
        "gateway",
        "backend",
        "decision",
        "prometheus-gateway",
        "alertmanager-gateway",
        "grafana",
    }


def test_nothing_of_the_default_stack_has_a_way_out(default_plan: NetworkPlan) -> None:
    assert OUTSIDE not in {network.name for network in default_plan.networks}


def test_every_container_is_on_a_network_of_ours(
    default_stack: list[Workload], default_plan: NetworkPlan
) -> None:
    """Without any network, the engine would use its default one, which has a way out."""
    containers = {
        container.name for workload in default_stack for container in workload.all_containers()
    }
    assert set(default_plan.attachments) == containers
    assert all(default_plan.attachments.values())


def test_a_workload_that_nobody_reaches_is_alone_on_its_network() -> None:
    isolated = plan([workload("a"), workload("b")])
    assert networks_of(isolated) == {"a": {"a"}, "b": {"b"}}


def test_an_outside_server_is_reached_over_the_network_with_a_way_out() -> None:
    mail = Outside(name="mail", ports=(25,))
    clients = plan([workload("a", reaches=(mail,)), workload("b", reaches=(mail,))])
    assert networks_of(clients) == {"a": {OUTSIDE}, "b": {OUTSIDE}}
    assert meetings(clients) == set()


def test_only_a_server_and_its_client_join_the_servers_network() -> None:
    server_and_client = plan([workload("s"), workload("a", reaches=(to("s"),)), workload("b")])
    assert networks_of(server_and_client) == {"s": {"s"}, "a": {"s"}, "b": {"b"}}


def test_two_clients_of_one_server_share_its_network() -> None:
    """One network per server has this side effect; neither client listens there for the other."""
    clients = [workload(name, reaches=(to("s"),)) for name in ("a", "b")]
    assert networks_of(plan([workload("s"), *clients])) == {"s": {"s"}, "a": {"s"}, "b": {"s"}}


def test_two_servers_that_reach_each_other_share_the_network_of_the_one_with_more_clients() -> None:
    """With a network of each, the clients of the one would meet the other as well."""
    server, copier = workload("s", reaches=(to("b"),)), workload("b", reaches=(to("s"),))
    clients = [workload(name, reaches=(to("s"),)) for name in ("a", "z")]
    shared = plan([server, copier, *clients])
    assert networks_of(shared) == {name: {"s"} for name in ("a", "b", "s", "z")}
    names = {name: attachments[0].aliases for name, attachments in shared.attachments.items()}
    assert names["s"] == ("ai-platform-s", "ai-platform-s-metrics")
    assert names["b"] == ("ai-platform-b", "ai-platform-b-metrics")


def test_a_server_is_reached_by_its_name_and_discovered_by_its_metrics_name() -> None:
    attachments = plan([workload("s"), workload("a", reaches=(to("s"),))]).attachments
    (of_server,) = attachments["s"]
    (of_client,) = attachments["a"]
    assert of_server.aliases == ("ai-platform-s", "ai-platform-s-metrics")
    assert of_client.aliases == ()


def test_a_server_that_says_what_is_down_has_a_name_for_that_too() -> None:
    server = workload("s", reached_unready=True)
    attachments = plan([server, workload("a", reaches=(to("s"),))]).attachments
    assert "ai-platform-s-all" in attachments["s"][0].aliases


def test_an_exporter_is_discovered_under_the_name_of_its_workload() -> None:
    exporter = workload("e", metrics_of="s")
    prometheus = workload("p", monitoring=True, reaches=(to("e"),))
    (attachment,) = plan([exporter, prometheus]).attachments["e"]
    assert attachment.network == MONITORING
    assert "ai-platform-s-metrics" in attachment.aliases


def test_a_server_of_monitoring_is_reached_over_a_network_of_its_own() -> None:
    """Its clients reach nothing else of monitoring."""
    watched = workload("g", monitoring=True, reaches=(to("p"),))
    parts = [workload("p", monitoring=True), watched, workload("a", reaches=(to("g"),))]
    expected = {"p": {MONITORING}, "g": {MONITORING, "g"}, "a": {"g"}}
    assert networks_of(plan(parts)) == expected


def test_the_name_of_a_tier_does_not_make_a_workload_part_of_monitoring() -> None:
    client = replace(workload("a", reaches=(to("s"),)), tier="observability")
    assert networks_of(plan([workload("s"), client])) == {"s": {"s"}, "a": {"s"}}


def test_a_port_of_a_sidecar_puts_the_sidecar_on_the_network_and_not_the_workload(
    default_plan: NetworkPlan,
) -> None:
    (attachment,) = default_plan.attachments["frontend-exporter"]
    assert attachment.network == MONITORING
    assert attachment.aliases == ("ai-platform-frontend-metrics",)


def test_the_error_for_an_unknown_workload_names_it() -> None:
    with pytest.raises(KeyError, match="ghost"):
        plan([workload("a", reaches=(to("ghost"),))])


def test_the_error_for_an_unknown_port_names_it() -> None:
    with pytest.raises(KeyError, match="s has no port 81"):
        plan([workload("s"), workload("a", reaches=(Address(workload="s", port=81),))])


def test_the_order_of_workloads_does_not_change_the_plan(
    default_stack: list[Workload], default_plan: NetworkPlan
) -> None:
    reverse = plan(default_stack[::-1])
    assert reverse.networks == default_plan.networks
    assert reverse.attachments == default_plan.attachments


def test_an_exposed_workload_is_on_the_edge_network() -> None:
    exposed = plan([workload("a", exposure=Exposure(endpoint="a", port=80))])
    assert networks_of(exposed) == {"a": {EDGE}}


@pytest.fixture(scope="module")
def with_mail() -> Rendered:
    """A stack whose backend reaches a server outside."""
    mail = {"name": "mail", "ports": [25]}
    return render({"api": {"services": {"backend": {"outside": [mail]}}}})


def test_only_edge_and_outside_have_a_way_out_and_isolate_their_containers(
    with_mail: Rendered,
) -> None:
    bridge = "com.docker.network.bridge"
    for name, network in with_mail.of_type("Network").items():
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
    assert f"network-{OUTSIDE}" in with_mail.of_type("Network")


@pytest.mark.parametrize("stack", ["dev", "with_mail"])
def test_the_backends_outside_servers_are_not_reachable_for_the_web_tier(
    stack: str, request: pytest.FixtureRequest
) -> None:
    containers = request.getfixturevalue(stack).containers()
    networks = {network["name"] for network in containers["gateway"]["networksAdvanced"]}
    assert networks == {
        f"ai-platform-dev-{name}" for name in ("backend", "frontend", "edge", "gateway")
    }
