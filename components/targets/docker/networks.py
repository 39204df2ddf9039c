"""Derives networks from `reaches`. Only containers that share a network can talk to each other.

Each server that others reach has its own network, which its clients join. Two servers that reach
each other do so on the network of the one with more clients. The parts of monitoring
have one network, over which they reach each other and scrape. These networks are internal: they
have no way out. Published ports need a network with a way to the host (`edge`), and servers
elsewhere need one with a way out (`outside`). Containers on these two cannot talk to each other.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi_docker as docker

from components.addresses import Address, host_name, metrics_name, unready_name
from components.container import Container
from components.targets.docker.naming import labels, prefix
from components.targets.shared_names import EDGE, MONITORING, OUTSIDE
from components.workload import Part, Workload

_BRIDGE = "com.docker.network.bridge"


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network by its short name."""

    name: str

    def args(self) -> dict[str, Any]:
        """The arguments of its resource."""
        common: dict[str, Any] = {
            "name": f"{prefix()}-{self.name}",
            "driver": "bridge",
            "labels": [
                docker.NetworkLabelArgs(label=label, value=value)
                for label, value in labels().items()
            ],
        }
        if self.name not in (EDGE, OUTSIDE):
            return common | {"internal": True}
        options = {f"{_BRIDGE}.enable_icc": "false"}
        if self.name == EDGE:
            # A published port answers, but containers cannot open connections to the outside.
            options[f"{_BRIDGE}.enable_ip_masquerade"] = "false"
        return common | {"options": options}


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A network that a container joins, and the names under which others reach it there."""

    network: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """Every network, and the attachments of each container by the container's name."""

    networks: tuple[Network, ...]
    attachments: dict[str, tuple[Attachment, ...]]


@dataclass
class _Memberships:
    """The networks of each container, with its aliases there."""

    by_container: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    def join(self, container: str, network: str, *aliases: str) -> None:
        self.by_container.setdefault(container, {}).setdefault(network, set()).update(aliases)


def plan(parts: Sequence[Part]) -> NetworkPlan:
    """The networks that the edges between these parts ask for."""
    by_name = {part.name: part for part in parts if isinstance(part, Workload)}
    clients_of = Counter(server for part in parts for server in _servers(part))
    memberships = _Memberships()
    for client in parts:
        # Its steps reach what it reaches, because on Kubernetes they share its pod's network.
        clients = (client.name, *(step.name for step in client.init))
        for reach in client.reaches:
            if not isinstance(reach, Address):
                for name in clients:
                    memberships.join(name, OUTSIDE)
                continue
            server = by_name[reach.workload]
            network = _network_between(client, server, clients_of)
            for name in clients:
                memberships.join(name, network)
            memberships.join(_listening(server, reach).name, network, *_aliases(server, reach))
        if isinstance(client, Workload) and client.exposure:
            memberships.join(client.name, EDGE)
    for container in (container for part in parts for container in part.all_containers()):
        # A container on no network would get the engine's default one, which has a way out.
        if container.name not in memberships.by_container:
            memberships.join(container.name, container.name)
    names = sorted({name for networks in memberships.by_container.values() for name in networks})
    return NetworkPlan(
        networks=tuple(Network(name=name) for name in names),
        attachments={
            container: tuple(
                Attachment(network=network, aliases=tuple(sorted(aliases)))
                for network, aliases in sorted(networks.items())
            )
            for container, networks in memberships.by_container.items()
        },
    )


def _servers(client: Part) -> set[str]:
    """The workloads that a client reaches over their networks."""
    if client.monitoring:
        return set()
    return {reach.workload for reach in client.reaches if isinstance(reach, Address)}


def _network_between(client: Part, server: Workload, clients_of: Mapping[str, int]) -> str:
    """Monitoring reaches everything over its own network. Another client of one of its servers,
    such as Grafana's, reaches that server only."""
    if client.monitoring:
        return MONITORING
    if client.name not in _servers(server):
        return server.name
    # A second network would only add the clients of the one to those of the other.
    return max((client.name, server.name), key=lambda name: (clients_of[name], name))


def _listening(server: Workload, address: Address) -> Container:
    """The container of the workload that listens on the port: the main one or a sidecar."""
    for container in server.containers():
        if any(port.number == address.port for port in container.ports):
            return container
    raise KeyError(f"{server.name} has no port {address.port}")


def _aliases(server: Workload, address: Address) -> Iterator[str]:
    container = _listening(server, address)
    if container is server:
        yield host_name(server.name)
        if server.reached_unready:
            yield unready_name(server.name)
    for target in server.scrape_targets():
        if target.address == address:
            yield metrics_name(target.name)
