"""From `reaches` to Services and policies: who may talk to whom, and nobody else.

Everything is denied in both directions. Each workload has one policy with what it may reach, and
what may reach it; both ends of an edge say so.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, ip_network
from typing import Any

from components.settings.kubernetes import ApiServer, Dns
from components.targets.kubernetes import naming
from components.workload import Address, Neighbour, Part, Reach, Workload

Selectors = Mapping[str, Mapping[str, str]]

# Where a cloud hands out its nodes' credentials: never meant by a range that merely spans it.
LINK_LOCAL = IPv4Network("169.254.0.0/16")

DENY: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
# The pods with which cert-manager proves to an issuer that a host is ours, and their port.
SOLVER, SOLVER_PORT = {"acme.cert-manager.io/http01-solver": "true"}, 8089


def service(workload: Workload) -> dict[str, Any]:
    """The spec of the Service under which others reach a workload."""
    return {
        "type": "ClusterIP",
        "selector": naming.selector(workload.name),
        "ports": _service_ports(
            workload, [each for c in workload.containers() for each in c.ports]
        ),
    }


def headless(workload: Workload) -> dict[str, Any]:
    """The spec of the Service whose name holds one address per pod, for Prometheus to discover.

    A pod that is not ready is scraped all the same: that is when its figures matter.
    """
    scraped = [port for each in workload.containers() for port in each.ports if port.metrics]
    return {
        "type": "ClusterIP",
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": naming.selector(workload.name),
        "ports": _service_ports(workload, scraped),
    }


def policies(
    parts: Sequence[Part],
    entered: Mapping[str, int],
    controller: str | None,
    answering: Dns,
    operated: Selectors | None = None,
    watching: str | None = None,
) -> dict[str, dict[str, Any]]:
    """The spec of each part's policy, by its name.

    `entered` are the ports by which the Ingress controller, in the namespace `controller`, reaches
    workloads. `operated` are the labels of pods that an operator makes, by the names that parts
    reach them under. `watching` is the namespace of a Prometheus that is not ours.
    """
    return {
        part.name: _policy(
            part,
            [
                *clients(parts, [part.name]),
                *let_in(controller, [entered[part.name]] if part.name in entered else []),
                *let_in(watching, _figures(part)),
            ],
            answering,
            operated or {},
        )
        for part in parts
    }


def _policy(
    part: Part, ingress: list[dict[str, Any]], answering: Dns, operated: Selectors
) -> dict[str, Any]:
    egress = [_to(reach, operated) for reach in _edges(part)]
    if egress:
        egress += dns(answering)
    return {
        "podSelector": {"matchLabels": naming.selector(part.name)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    }


def clients(parts: Sequence[Part], servers: Sequence[str]) -> list[dict[str, Any]]:
    """Who may enter, and by which ports: every part that reaches one of these names."""
    return [
        {
            "from": [_pods(naming.selector(part.name))],
            "ports": [tcp(port) for port in sorted(ports)],
        }
        for part in parts
        if (ports := _reached(part, servers))
    ]


def let_in(namespace: str | None, ports: Sequence[int]) -> list[dict[str, Any]]:
    """Ingress rules for the pods of another namespace, where there is one and a port to enter."""
    if namespace is None or not ports:
        return []
    allowed = [tcp(port) for port in ports]
    return [{"from": [{"namespaceSelector": named(namespace)}], "ports": allowed}]


def solver(controller: str | None) -> dict[str, Any]:
    """The spec of a policy without which no challenge of an issuer reaches cert-manager's pods."""
    return {
        "podSelector": {"matchLabels": dict(SOLVER)},
        "policyTypes": ["Ingress"],
        "ingress": let_in(controller, [SOLVER_PORT]),
    }


def _figures(part: Part) -> list[int]:
    """The ports of a part that have figures."""
    return sorted({each.number for c in part.containers() for each in c.ports if each.metrics})


def _edges(part: Part) -> list[Reach]:
    """What a part reaches, each once."""
    return list(dict.fromkeys(part.reaches))


def _reached(client: Part, servers: Sequence[str]) -> set[int]:
    return {
        reach.port
        for reach in client.reaches
        if isinstance(reach, Address) and reach.workload in servers
    }


def _to(reach: Reach, operated: Selectors) -> dict[str, Any]:
    if isinstance(reach, Address):
        behind = operated.get(reach.workload) or naming.selector(reach.workload)
        return {"to": [_pods(behind)], "ports": [tcp(reach.port)]}
    where = (
        [{"namespaceSelector": named(reach.namespace)}]
        if isinstance(reach, Neighbour)
        else [{"ipBlock": _block(cidr)} for cidr in reach.cidrs]
    )
    return {"to": where, "ports": [tcp(port) for port in reach.ports]}


def _block(cidr: str) -> dict[str, Any]:
    range_ = ip_network(cidr)
    spans = range_.version == 4 and range_ != LINK_LOCAL and range_.supernet_of(LINK_LOCAL)
    return {"cidr": cidr, "except": [str(LINK_LOCAL)]} if spans else {"cidr": cidr}


def dns(answering: Dns) -> list[dict[str, Any]]:
    """Egress rules for who asks for names."""
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    pods = {
        "namespaceSelector": named(answering.namespace),
        "podSelector": {"matchLabels": dict(answering.labels)},
    }
    blocks = [{"ipBlock": {"cidr": cidr}} for cidr in answering.cidrs]
    return [{"to": [pods, *blocks], "ports": ports}]


def api_server(settings: ApiServer) -> list[dict[str, Any]]:
    """Egress rules for who works with the cluster's API. No label finds it: it is no pod."""
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


def _service_ports(workload: Workload, ports: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {"name": port.name, "port": port.number, "targetPort": port.number, "protocol": "TCP"}
        for port in ports
    ]
