"""Which pods reach which: the computed policies, compared with `reaches` of the descriptions."""

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

import pytest

from components.addresses import Address, Outside
from components.workload import Part
from tests.unit.cases import Case
from tests.unit.describing import settings
from tests.unit.objects import containers, objects, templates
from tests.unit.policies import Endpoint, reaches
from tests.unit.rendering import Rendered

INTERNET = Endpoint(name="internet", address="203.0.113.7")
# An address in the range that the backend of the recorded cluster may call.
MODELS = Endpoint(name="models", address="198.51.100.9")
DNS = Endpoint(
    name="dns", namespace="kube-system", labels={"k8s-app": "kube-dns"}, address="10.9.0.1"
)
NODE_DNS = Endpoint(name="node-local DNS", address="169.254.20.10")
SYSTEM = Endpoint(name="system", namespace="kube-system", labels={}, address="10.9.0.2")
# Ports that none of our containers listens on, beside all that they listen on.
OTHER_PORTS = (22, 53, 443, 8089, 10250)

Edge = tuple[str, str, int]


def pods(rendered: Rendered) -> dict[str, Endpoint]:
    """One pod of each workload, by the workload's name."""
    (namespace,) = objects(rendered, "Namespace").values()
    endpoints = [
        Endpoint(
            name=template["metadata"]["labels"]["app.kubernetes.io/name"],
            namespace=namespace["metadata"]["name"],
            labels=template["metadata"]["labels"],
            address=f"10.1.0.{number}",
            ports={
                port["name"]: port["containerPort"]
                for container in containers(template)
                for port in container.get("ports", [])
            },
        )
        for number, template in enumerate(templates(rendered).values(), start=1)
    ]
    return {endpoint.name: endpoint for endpoint in endpoints}


def every_port(rendered: Rendered) -> set[int]:
    return {*OTHER_PORTS, *(port for pod in pods(rendered).values() for port in pod.ports.values())}


def solver(rendered: Rendered) -> Endpoint:
    """A cert-manager pod, which answers an issuer's challenge."""
    return Endpoint(
        name="solver",
        namespace=next(iter(pods(rendered).values())).namespace,
        labels={"acme.cert-manager.io/http01-solver": "true"},
        address="10.1.2.1",
    )


def connections(
    rendered: Rendered, clients: Iterable[Endpoint], servers: Iterable[Endpoint]
) -> set[Edge]:
    """Every allowed TCP connection. UDP is allowed only to DNS."""
    policies = list(objects(rendered, "NetworkPolicy").values())
    servers = list(servers)
    edges = set()
    for client in clients:
        for server in servers:
            for port in every_port(rendered):
                if reaches(policies, client, server, port):
                    edges.add((client.name, server.name, port))
                if port != 53:
                    assert not reaches(policies, client, server, port, "UDP")
    return edges


def descriptions(parts: Iterable[Part]) -> set[Edge]:
    """Every connection between our own parts that the descriptions declare."""
    return {
        (part.name, reach.workload, reach.port)
        for part in parts
        for reach in part.reaches
        if isinstance(reach, Address)
    }


def test_each_pod_reaches_exactly_what_its_description_says(kubernetes: Rendered) -> None:
    """Every ordered pair, including two pods of one workload, on every port in use."""
    ours = pods(kubernetes).values()
    assert connections(kubernetes, ours, ours) == descriptions(kubernetes.own_parts)


def test_the_gateway_reaches_what_its_routes_name_and_nothing_else(
    case: Case, kubernetes: Rendered
) -> None:
    ours = pods(kubernetes)
    workloads = {workload.name: workload for workload in kubernetes.workloads}
    routes = settings(case.settings, secret=case.secret).web.routes.values()
    everybody = [*ours.values(), INTERNET, MODELS, SYSTEM]
    assert connections(kubernetes, [ours["gateway"]], everybody) == {
        ("gateway", route.to, workloads[route.to].ports[0].number) for route in routes
    }


def test_nobody_but_its_clients_reaches_database_and_cache(kubernetes: Rendered) -> None:
    ours = pods(kubernetes)
    edges = connections(kubernetes, ours.values(), [ours["postgres"], ours["redis"]])
    services = {"backend", "reports", "reports-release", "reports-cleanup"}
    clients = {"postgres-schema", "backup", *services} & set(ours)
    exporters = {
        (name, server)
        for name in ours
        for server in ("postgres", "redis")
        if re.fullmatch(rf"{server}-(.+-)?exporter", name)
    }
    # Prometheus reaches the exporter of the volume, which shares their pods.
    assert {(client, server) for client, server, port in edges if port == 9100} == {
        ("prometheus", server) for server in ("postgres", "redis") if "prometheus" in ours
    }
    assert {(client, server) for client, server, port in edges if port != 9100} == {
        *((client, "postgres") for client in clients),
        ("backend", "redis"),
        *exporters,
    }


def test_an_unknown_pod_reaches_nothing_and_nothing_reaches_it(
    kubernetes: Rendered,
) -> None:
    ours = pods(kubernetes)
    stranger = Endpoint(
        name="stranger", namespace=ours["backend"].namespace, labels={}, address="10.1.1.1"
    )
    everybody = [*ours.values(), stranger]
    assert connections(kubernetes, [stranger], [*everybody, INTERNET, DNS]) == set()
    open_to_all = {("alertmanager", "stranger", 443)}  # its webhook may be anywhere
    assert connections(kubernetes, everybody, [stranger]) <= open_to_all
    assert connections(kubernetes, [INTERNET, SYSTEM], everybody) == set()


def test_a_pod_of_another_namespace_reaches_nothing_with_any_labels(
    kubernetes: Rendered,
) -> None:
    ours = pods(kubernetes)
    impostors = [
        Endpoint(name=pod.name, namespace="elsewhere", labels=pod.labels, address="10.2.0.1")
        for pod in ours.values()
    ]
    assert connections(kubernetes, impostors, ours.values()) == set()


def test_the_ingress_controller_reaches_the_gateway_and_nothing_else(
    case: Case, kubernetes: Rendered
) -> None:
    ingress = case.settings["kubernetes"]["ingress"]
    controller = Endpoint(
        name="controller", namespace=ingress["controller_namespace"], address="10.3.0.1"
    )
    edges = connections(kubernetes, [controller], pods(kubernetes).values())
    assert edges == {("controller", "gateway", 8080)}


def test_an_issuers_challenge_reaches_cert_managers_pod_which_reaches_nothing(
    case: Case, kubernetes: Rendered
) -> None:
    ingress = case.settings["kubernetes"]["ingress"]
    controller = Endpoint(
        name="controller", namespace=ingress["controller_namespace"], address="10.3.0.1"
    )
    solving = solver(kubernetes)
    challenged = {("controller", "solver", 8089)} if "issuer" in ingress["tls"] else set()
    others = [*pods(kubernetes).values(), INTERNET, SYSTEM]
    assert connections(kubernetes, [controller, SYSTEM], [solving]) == challenged
    assert connections(kubernetes, [solving], [*others, DNS]) == set()


@pytest.mark.parametrize("protocol", ["UDP", "TCP"])
def test_only_pods_that_reach_something_reach_dns(
    case: Case, kubernetes: Rendered, protocol: str
) -> None:
    policies = list(objects(kubernetes, "NetworkPolicy").values())
    servers = [DNS, *([NODE_DNS] if "dns" in case.settings["kubernetes"] else [])]
    for server in servers:
        clients = {
            name
            for name, pod in pods(kubernetes).items()
            if reaches(policies, pod, server, 53, protocol)
        }
        assert clients == {part.name for part in kubernetes.own_parts if part.reaches}
    ours = pods(kubernetes).values()
    assert not [pod for pod in ours if reaches(policies, pod, SYSTEM, 53, protocol)]


def test_outside_servers_are_reached_as_described(kubernetes: Rendered) -> None:
    servers = (INTERNET, MODELS)
    expected = {
        (workload.name, server.name, port)
        for workload in kubernetes.workloads
        for reach in workload.reaches
        if isinstance(reach, Outside)
        for server in servers
        for port in reach.ports
        if any(ip_address(server.address) in ip_network(cidr) for cidr in reach.cidrs)
    }
    assert connections(kubernetes, pods(kubernetes).values(), servers) == expected


def test_one_recorded_cluster_has_outside_servers(own_kubernetes: Rendered) -> None:
    """Otherwise the previous test would compare nothing."""
    edges = connections(own_kubernetes, pods(own_kubernetes).values(), (INTERNET, MODELS))
    assert edges == {
        ("backend", "models", 443),
        ("alertmanager", "models", 443),
        ("alertmanager", "internet", 443),
        ("vision", "models", 443),
        ("vision", "internet", 443),
    }
