"""What NetworkPolicies allow, computed as Kubernetes defines it.

A pod that no policy selects in a direction may connect to everything in that direction. A selected
pod may connect only as one of its policies allows. Both ends must allow a connection.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from tests.unit.objects import Object


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A pod; without a namespace, an address outside the cluster, which no policy protects."""

    name: str
    address: str
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    """The numbers of its named ports."""


def reaches(
    policies: Iterable[Object], client: Endpoint, server: Endpoint, port: int, protocol: str = "TCP"
) -> bool:
    """Whether a connection gets through."""
    every = list(policies)
    return all(
        _allowed(every, direction, pod, remote, server.ports, port, protocol)
        for direction, pod, remote in (("Egress", client, server), ("Ingress", server, client))
    )


def _allowed(
    policies: Sequence[Object],
    direction: str,
    pod: Endpoint,
    remote: Endpoint,
    named: Mapping[str, int],
    port: int,
    protocol: str,
) -> bool:
    binding = [policy for policy in policies if _binds(policy, direction, pod)]
    if not binding:
        return True
    peers = "to" if direction == "Egress" else "from"
    return any(
        _any_peer(rule.get(peers), remote, policy["metadata"]["namespace"])
        and _any_port(rule.get("ports"), named, port, protocol)
        for policy in binding
        for rule in policy["spec"].get(direction.lower()) or []
    )


def _binds(policy: Object, direction: str, pod: Endpoint) -> bool:
    spec = policy["spec"]
    usual = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    return (
        pod.namespace == policy["metadata"]["namespace"]
        and direction in (spec.get("policyTypes") or usual)
        and _selects(spec["podSelector"], pod.labels)
    )


def _any_peer(peers: Sequence[Any] | None, remote: Endpoint, namespace: str) -> bool:
    """No list, or an empty one, allows every peer."""
    return not peers or any(_peer(peer, remote, namespace) for peer in peers)


def _peer(peer: Mapping[str, Any], remote: Endpoint, namespace: str) -> bool:
    block = peer.get("ipBlock")
    if block is not None:
        exceptions = [ip_network(cidr) for cidr in block.get("except", [])]
        address = ip_address(remote.address)
        return address in ip_network(block["cidr"]) and not any(
            address in network for network in exceptions
        )
    if remote.namespace is None:
        return False
    namespaces = peer.get("namespaceSelector")
    if namespaces is None and remote.namespace != namespace:
        return False
    # The only label that Kubernetes itself sets on every namespace.
    of_namespace = {"kubernetes.io/metadata.name": remote.namespace}
    return (namespaces is None or _selects(namespaces, of_namespace)) and _selects(
        peer.get("podSelector") or {}, remote.labels
    )


def _any_port(
    ports: Sequence[Mapping[str, Any]] | None, named: Mapping[str, int], port: int, protocol: str
) -> bool:
    """No list, or an empty one, allows every port."""
    return not ports or any(_port(rule, named, port, protocol) for rule in ports)


def _port(rule: Mapping[str, Any], named: Mapping[str, int], port: int, protocol: str) -> bool:
    if rule.get("protocol", "TCP") != protocol:
        return False
    first = rule.get("port")
    if first is None:
        return True
    if isinstance(first, str):
        return named.get(first) == port
    return bool(first <= port <= rule.get("endPort", first))


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """An empty selector selects all."""
    return all(
        labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()
    ) and all(_holds(expression, labels) for expression in selector.get("matchExpressions") or [])


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value = labels.get(expression["key"])
    match expression["operator"]:
        case "In":
            return value in expression["values"]
        case "NotIn":
            return value not in expression["values"]
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    raise ValueError(f"{expression['operator']} is no operator of a selector")
