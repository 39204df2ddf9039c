"""From `reaches` to Services and policies: who may talk to whom, and nobody else.

Everything is denied in both directions. Each workload has one policy with what it may reach, and
what may reach it; both ends of an edge say so.
"""

from collections.abc import Sequence
from typing import Any

from components.settings.kubernetes import Dns
from components.targets.kubernetes import naming
from components.workload import Address, Outside, Workload

DENY: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


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
    workloads: Sequence[Workload], entered: dict[str, int], controller: str | None, dns: Dns
) -> dict[str, dict[str, Any]]:
    """The spec of each workload's policy, by its name.

    `entered` are the ports by which the Ingress controller, in the namespace `controller`, reaches
    workloads.
    """
    return {
        workload.name: _policy(workload, workloads, entered.get(workload.name), controller, dns)
        for workload in workloads
    }


def _policy(
    workload: Workload,
    workloads: Sequence[Workload],
    entered: int | None,
    controller: str | None,
    dns: Dns,
) -> dict[str, Any]:
    ingress = [
        {"from": [_pods(client.name)], "ports": [_tcp(port) for port in sorted(ports)]}
        for client in workloads
        if (ports := _reached(client, workload.name))
    ]
    if entered is not None and controller:
        ingress.append(
            {"from": [{"namespaceSelector": _named(controller)}], "ports": [_tcp(entered)]}
        )
    egress = [_to(reach) for reach in _edges(workload)]
    if egress:
        egress += _dns(dns)
    return {
        "podSelector": {"matchLabels": naming.selector(workload.name)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    }


def _edges(workload: Workload) -> list[Address | Outside]:
    """What a workload reaches, each once."""
    return list(dict.fromkeys(workload.reaches))


def _reached(client: Workload, server: str) -> set[int]:
    return {
        reach.port
        for reach in client.reaches
        if isinstance(reach, Address) and reach.workload == server
    }


def _to(reach: Address | Outside) -> dict[str, Any]:
    if isinstance(reach, Address):
        return {"to": [_pods(reach.workload)], "ports": [_tcp(reach.port)]}
    return {
        "to": [{"ipBlock": {"cidr": cidr}} for cidr in reach.cidrs],
        "ports": [_tcp(port) for port in reach.ports],
    }


def _dns(dns: Dns) -> list[dict[str, Any]]:
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    pods = {
        "namespaceSelector": _named(dns.namespace),
        "podSelector": {"matchLabels": dict(dns.labels)},
    }
    return [{"to": [pods, *({"ipBlock": {"cidr": cidr}} for cidr in dns.cidrs)], "ports": ports}]


def _pods(workload: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": naming.selector(workload)}}


def _named(namespace: str) -> dict[str, Any]:
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace}}


def _tcp(port: int) -> dict[str, Any]:
    return {"protocol": "TCP", "port": port}


def _service_ports(workload: Workload, ports: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {"name": port.name, "port": port.number, "targetPort": port.number, "protocol": "TCP"}
        for port in ports
    ]
