"""Every ordered pair of pods on the real cluster, against what the parts say that they reach."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from cluster.images import BUSYBOX
from components.workload import Address, Outside, Workload
from operations import docker_stack
from tests.e2e.cluster.objects import deployment, shell
from tests.e2e.kubernetes.connections import Client, Server, pod_client, processes
from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually
from tests.unit.rendering import render

SETTLED_WITHIN = 60.0
"""Seconds after which kube-router must have acted on the last pod that came or went. It takes one;
the rest is for a machine that is busy."""

STRANGERS = "e2e-strangers"
"""A namespace without any policy."""

OUTSIDE, OUTSIDE_PORT = "e2e-outside", 8080
API_SERVER, KUBELET, DNS = "the API server", "the kubelet", "DNS"

Edge = tuple[str, str, int]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks, and who is asked: the pods of the stack by their workload, and all others."""

    pods: Sequence[Client]
    stranger: Client
    nodes: Sequence[Client]
    servers: Sequence[Server]
    others: Sequence[Server]


@pytest.fixture(scope="module")
def outside(stack: ClusterStack) -> Iterator[Server]:
    """A server on the engine, which the cluster knows nothing of."""
    serve = ("httpd", "-f", "-p", str(OUTSIDE_PORT))
    docker_stack.docker("rm", "--force", OUTSIDE)
    docker_stack.docker("run", "--detach", f"--name={OUTSIDE}", BUSYBOX.reference, *serve)
    address = docker_stack.docker(
        "inspect", "-f", "{{.NetworkSettings.IPAddress}}", OUTSIDE
    ).strip()
    yield Server(name="outside", address=address, port=OUTSIDE_PORT)
    docker_stack.docker("rm", "--force", OUTSIDE)


@pytest.fixture(scope="module")
def stranger(stack: ClusterStack) -> Iterator[Mapping[str, Any]]:
    """A pod that no policy selects."""
    cluster = stack.cluster
    cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": STRANGERS}},
        deployment(STRANGERS, "stranger", shell(cluster, "sleep infinity"), replicas=1),
    )
    cluster.wait_for_deployment(STRANGERS, "stranger")
    (pod,) = cluster.get("pods", f"--namespace={STRANGERS}")["items"]
    yield pod
    cluster.kubectl("delete", "namespace", STRANGERS, "--wait=false")


@pytest.fixture
def workloads(stack: ClusterStack) -> dict[str, Workload]:
    """The parts that the running stack was rendered from."""
    described = render(stack.settings, stack_name=stack.name).workloads
    return {each.name: each for each in described}


@pytest.fixture
def asked(
    stack: ClusterStack,
    workloads: Mapping[str, Workload],
    stranger: Mapping[str, Any],
    outside: Server,
) -> Asked:
    """As the pods are now: all ready."""
    stack.wait_ready()
    cluster = stack.cluster
    nodes = {
        each["metadata"]["name"]: next(
            address["address"]
            for address in each["status"]["addresses"]
            if address["type"] == "InternalIP"
        )
        for each in cluster.get("nodes")["items"]
    }
    container_processes = processes(nodes)
    pods = {
        each["metadata"]["name"]: (each["metadata"]["labels"]["app.kubernetes.io/name"], each)
        for each in stack.pods()
    }
    (dns, *_) = cluster.get("pods", "--namespace=kube-system", "--selector=k8s-app=kube-dns")[
        "items"
    ]
    return Asked(
        pods=[pod_client(name, pod, container_processes) for name, pod in pods.values()],
        stranger=pod_client("stranger", stranger, container_processes),
        nodes=[Client(name=name, node=name) for name in nodes],
        servers=[
            Server(name=name, address=pod["status"]["podIP"], port=port.number)
            for name, pod in pods.values()
            for container in workloads[name].containers()
            for port in container.ports
        ],
        others=[
            outside,
            Server(name=API_SERVER, address=nodes[cluster.local.name], port=6443),
            *(Server(name=KUBELET, address=address, port=10250) for address in nodes.values()),
            Server(name=DNS, address=dns["status"]["podIP"], port=53),
        ],
    )


def expected(workloads: Iterable[Workload], asked: Asked) -> set[Edge]:
    """What `reaches` of the parts says, and no rendered policy."""
    edges: set[Edge] = set()
    for workload in workloads:
        for reach in workload.reaches:
            if isinstance(reach, Address):
                edges.add((workload.name, reach.workload, reach.port))
            elif isinstance(reach, Outside):
                edges |= {
                    (workload.name, other.name, other.port)
                    for other in asked.others
                    if other.port in reach.ports
                    and any(ip_address(other.address) in ip_network(cidr) for cidr in reach.cidrs)
                }
        if workload.reaches:
            edges.add((workload.name, DNS, 53))
    return edges


def pairs(clients: Iterable[Client], servers: Sequence[Server]) -> dict[Edge, set[bool]]:
    """For each pair that was asked, whether it opened: the pods of a workload must agree."""
    answers: dict[Edge, set[bool]] = {}
    for client in clients:
        opened = client.opens(servers)
        for server in servers:
            if server.address not in client.addresses:
                edge = (client.name, server.name, server.port)
                answers.setdefault(edge, set()).add(server in opened)
    return answers


def test_each_pod_reaches_exactly_what_its_description_says(
    workloads: Mapping[str, Workload], asked: Asked
) -> None:
    """Each port of each pod, the API server, the kubelets and an address outside, from each pod."""
    right = expected(workloads.values(), asked)
    assert {client.name for client in asked.pods} == set(workloads)

    def everything_right() -> bool:
        answers = pairs(asked.pods, [*asked.servers, *asked.others])
        # A single pod cannot be asked about itself: that never leaves it.
        assert {edge for edge in right if edge[0] != edge[1]} <= set(answers)
        wrong = {edge: opened for edge, opened in answers.items() if opened != {edge in right}}
        assert wrong == {}
        return True

    eventually(everything_right, SETTLED_WITHIN)


def test_what_nobody_reaches_is_there_all_the_same(asked: Asked) -> None:
    """Else a connection that does not open would prove nothing."""
    assert asked.stranger.opens(asked.others) == set(asked.others)


def test_a_pod_of_another_namespace_reaches_no_pod_of_the_stack(asked: Asked) -> None:
    assert asked.stranger.opens(asked.servers) == set()


def test_a_node_reaches_every_port_of_its_own_pods_and_none_of_another_nodes(asked: Asked) -> None:
    """The kubelet's probes come from there; a further node is as strange as any address."""
    nodes = {address: client.node for client in asked.pods for address in client.addresses}
    for node in asked.nodes:
        assert node.opens(asked.servers) == {
            server for server in asked.servers if nodes[server.address] == node.node
        }
