"""Derives NetworkPolicies from `reaches`. Everything else is denied.

A policy for all pods denies traffic in both directions. Each part has a policy with what it may
reach and what may reach it, so both ends of a connection allow it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from components.addresses import Address, Neighbour, Outside, Reach
from components.settings import ApiServer, Dns, Kubernetes
from components.targets.kubernetes import naming
from components.workload import Part

Selectors = Mapping[str, Mapping[str, str]]

# A larger range that contains one of these networks excludes it, unless the settings name it as
# well: private networks, and the addresses at which clouds provide a node's credentials.
CLOSED = tuple(
    ip_network(cidr)
    for cidr in (
        *("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
        *("fc00::/7", "fe80::/10"),
    )
)

DENY: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
# The pods with which cert-manager proves to an issuer that we own a host, and their port.
SOLVER, SOLVER_PORT = {"acme.cert-manager.io/http01-solver": "true"}, 8089


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the policies of all parts of a stack depend on.

    `parts` are those with pods of ours. `entered` are the ports by which the Ingress controller
    reaches workloads, by the workload's name. `operated` are the labels of pods that an operator
    creates, by the names under which parts reach them. `monitored_from` is the namespace of a
    Prometheus that is not ours.
    """

    parts: Sequence[Part]
    settings: Kubernetes
    entered: Mapping[str, int]
    operated: Selectors
    monitored_from: str | None


def policy(part: Part, rules: Rules) -> dict[str, Any]:
    """The spec of a part's policy."""
    entered = [rules.entered[part.name]] if part.name in rules.entered else []
    egress = [_to(reach, rules.operated) for reach in part.edges() if not _nowhere(reach)]
    if egress:
        egress += dns(rules.settings.dns)
    return {
        "podSelector": {"matchLabels": naming.selector(part.name)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            *clients(rules.parts, [part.name]),
            *let_in(rules.settings.ingress.controller_namespace, entered),
            *let_in(rules.monitored_from, _metrics_ports(part)),
        ],
        "egress": egress,
    }


def clients(parts: Sequence[Part], servers: Sequence[str]) -> list[dict[str, Any]]:
    """Ingress rules for every part that reaches one of these servers, with the ports that it
    reaches."""
    return [
        {
            "from": [_pods(naming.selector(part.name))],
            "ports": [tcp(port) for port in sorted(ports)],
        }
        for part in parts
        if (ports := _reached(part, servers))
    ]


def let_in(namespace: str | None, ports: Sequence[int]) -> list[dict[str, Any]]:
    """Ingress rules for the pods of another namespace; none without a namespace or without
    ports."""
    if namespace is None or not ports:
        return []
    allowed = [tcp(port) for port in ports]
    return [{"from": [{"namespaceSelector": named(namespace)}], "ports": allowed}]


def solver(controller: str | None) -> dict[str, Any]:
    """The spec of the policy that lets an issuer's challenges reach cert-manager's pods."""
    return {
        "podSelector": {"matchLabels": dict(SOLVER)},
        "policyTypes": ["Ingress"],
        "ingress": let_in(controller, [SOLVER_PORT]),
    }


def _metrics_ports(part: Part) -> list[int]:
    ports = {port for container in part.containers() for port in container.ports}
    return sorted(port.number for port in ports if port.metrics)


def _reached(client: Part, servers: Sequence[str]) -> set[int]:
    return {
        reach.port
        for reach in client.edges()
        if isinstance(reach, Address) and reach.workload in servers
    }


def _to(reach: Reach, operated: Selectors) -> dict[str, Any]:
    if isinstance(reach, Address):
        behind = operated.get(reach.workload) or naming.selector(reach.workload)
        return {"to": [_pods(behind)], "ports": [tcp(reach.port)]}
    where = (
        [{"namespaceSelector": named(reach.namespace)}]
        if isinstance(reach, Neighbour)
        else [{"ipBlock": _block(cidr, reach.cidrs)} for cidr in reach.cidrs]
    )
    return {"to": where, "ports": [tcp(port) for port in reach.ports]}


def _nowhere(reach: Reach) -> bool:
    """Whether nothing says where the server is. In a policy, no destination means every one."""
    return isinstance(reach, Outside) and not reach.cidrs


def _block(cidr: str, named: Sequence[str]) -> dict[str, Any]:
    """A range without the closed networks in it, except those that `named` has too."""
    range_ = ip_network(cidr)
    inside = [
        str(closed)
        for closed in CLOSED
        if closed.prefixlen > range_.prefixlen and closed.network_address in range_
    ]
    excluded = [closed for closed in inside if closed not in named]
    return {"cidr": cidr, "except": excluded} if excluded else {"cidr": cidr}


def dns(settings: Dns) -> list[dict[str, Any]]:
    """Egress rules for pods that look names up."""
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    pods = {
        "namespaceSelector": named(settings.namespace),
        "podSelector": {"matchLabels": dict(settings.labels)},
    }
    blocks = [{"ipBlock": {"cidr": cidr}} for cidr in settings.cidrs]
    return [{"to": [pods, *blocks], "ports": ports}]


def api_server(settings: ApiServer) -> list[dict[str, Any]]:
    """Egress rules for pods that use the cluster's API. It is not a pod, so no label selects it."""
    return [
        {
            "to": [{"ipBlock": {"cidr": cidr}} for cidr in settings.cidrs],
            "ports": [tcp(port) for port in settings.ports],
        }
    ]


def _pods(labels: Mapping[str, str]) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": dict(labels)}}


def named(namespace: str) -> dict[str, Any]:
    """The labels of a namespace."""
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace}}


def tcp(port: int) -> dict[str, Any]:
    """A port in a policy."""
    return {"protocol": "TCP", "port": port}
