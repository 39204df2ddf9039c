"""Connections between every ordered pair of pods, compared with the parts' `reaches`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from cluster.images import BUSYBOX
from components.addresses import Address, Outside
from components.data.restore import RESTORED
from components.workload import Workload
from operations import docker_stack
from tests.e2e.cluster.objects import deployment, shell
from tests.e2e.kubernetes.connections import Client, Server, pod_client, processes
from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually
from tests.unit.rendering import render

SETTLED_WITHIN = 60.0
"""Seconds until kube-router must have applied the policies to the last new pod. It takes one
second; a busy machine needs more."""

STRANGERS = "e2e-strangers"
"""A namespace without policies."""

OUTSIDE, OUTSIDE_PORT = "e2e-outside", 8080
API_SERVER, KUBELET, DNS = "the API server", "the kubelet", "DNS"

Edge = tuple[str, str, int]


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The clients and servers of the test: the stack's pods by workload, and all others."""

    pods: Sequence[Client]
    stranger: Client
    nodes: Sequence[Client]
    servers: Sequence[Server]
    others: Sequence[Server]


@pytest.fixture(scope="module")
def outside(stack: ClusterStack) -> Iterator[Server]:
    """A server on the engine, outside the cluster."""
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
    """The workloads that the running stack was rendered from."""
    workloads = render(stack.settings, stack_name=stack.name).workloads
    return {workload.name: workload for workload in workloads}


@pytest.fixture
def restored(stack: ClusterStack) -> Iterator[None]:
    """Something that listens where data answers during a restore: its clients are seen then."""
    stack.wait_ready()
    program = (
        f"import socket, time; s = socket.create_server(('', {RESTORED.port})); time.sleep(600)"
    )
    start = f'python3 -c "{program}" < /dev/null > /dev/null 2>&1 & echo $!'
    started = stack.in_pod(RESTORED.workload, "sh", "-c", start)
    yield
    stack.in_pod(RESTORED.workload, "kill", started.stdout.strip())


@pytest.fixture
def endpoints(
    stack: ClusterStack,
    workloads: Mapping[str, Workload],
    stranger: Mapping[str, Any],
    outside: Server,
    restored: None,
) -> Endpoints:
    """The current endpoints, after all pods are ready."""
    stack.wait_ready()
    cluster = stack.cluster
    nodes = {
        node["metadata"]["name"]: next(
            address["address"]
            for address in node["status"]["addresses"]
            if address["type"] == "InternalIP"
        )
        for node in cluster.get("nodes")["items"]
    }
    container_processes = processes(nodes)
    pods = {
        pod["metadata"]["name"]: (pod["metadata"]["labels"]["app.kubernetes.io/name"], pod)
        for pod in stack.pods()
    }
    (dns, *_) = cluster.get("pods", "--namespace=kube-system", "--selector=k8s-app=kube-dns")[
        "items"
    ]
    return Endpoints(
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
            Server(name=API_SERVER, address=nodes[cluster.local_cluster.name], port=6443),
            *(Server(name=KUBELET, address=address, port=10250) for address in nodes.values()),
            Server(name=DNS, address=dns["status"]["podIP"], port=53),
        ],
    )


def expected(workloads: Iterable[Workload], endpoints: Endpoints) -> set[Edge]:
    """The connections that `reaches` allows, computed without the rendered policies."""
    edges: set[Edge] = set()
    for workload in workloads:
        for reach in workload.reaches:
            if isinstance(reach, Address):
                edges.add((workload.name, reach.workload, reach.port))
            elif isinstance(reach, Outside):
                edges |= {
                    (workload.name, other.name, other.port)
                    for other in endpoints.others
                    if other.port in reach.ports
                    and any(includes(cidr, other.address) for cidr in reach.cidrs)
                }
        if workload.reaches:
            edges.add((workload.name, DNS, 53))
    return edges


def includes(cidr: str, address: str) -> bool:
    """Whether a range includes an address. It includes a private one only if it is private."""
    inside = ip_address(address) in ip_network(cidr)
    return inside and (ip_network(cidr).is_private or not ip_address(address).is_private)


def pairs(clients: Iterable[Client], servers: Sequence[Server]) -> dict[Edge, set[bool]]:
    """Whether each pair connects; all pods of a workload must have the same result."""
    results: dict[Edge, set[bool]] = {}
    for client in clients:
        open_servers = client.opens(servers)
        for server in servers:
            if server.address not in client.addresses:
                edge = (client.name, server.name, server.port)
                results.setdefault(edge, set()).add(server in open_servers)
    return results


def test_each_pod_reaches_exactly_the_servers_of_its_description(
    workloads: Mapping[str, Workload], endpoints: Endpoints
) -> None:
    """The test connects from each pod to each port of each pod, the API server, the kubelets, DNS
    and an address outside."""
    allowed = expected(workloads.values(), endpoints)
    # The backend may reach every public address, and the decision service this private one.
    assert {edge for edge in allowed if edge[1] == "outside"} == {
        ("decision", "outside", OUTSIDE_PORT)
    }
    assert {client.name for client in endpoints.pods} == set(workloads)

    def check() -> bool:
        results = pairs(endpoints.pods, [*endpoints.servers, *endpoints.others])
        # A connection of a pod to itself does not leave the pod.
        assert {edge for edge in allowed if edge[0] != edge[1]} <= set(results)
        wrong = {edge: opened for edge, opened in results.items() if opened != {edge in allowed}}
        assert wrong == {}
        return True

    eventually(check, SETTLED_WITHIN)


def test_every_other_server_accepts_connections_from_an_unrestricted_pod(
    endpoints: Endpoints,
) -> None:
    """Otherwise a failed connection would prove nothing."""
    assert endpoints.stranger.opens(endpoints.others) == set(endpoints.others)


def test_a_pod_of_another_namespace_reaches_no_pod_of_the_stack(endpoints: Endpoints) -> None:
    assert endpoints.stranger.opens(endpoints.servers) == set()


def test_a_node_reaches_every_port_of_its_own_pods_and_no_port_of_other_pods(
    endpoints: Endpoints,
) -> None:
    """The kubelet's probes come from the pod's own node; other nodes have no exception."""
    nodes = {address: client.node for client in endpoints.pods for address in client.addresses}
    for node in endpoints.nodes:
        assert node.opens(endpoints.servers) == {
            server for server in endpoints.servers if nodes[server.address] == node.node
        }
