"""The Services of a workload: one for its clients, one where they find pods that are not ready, one
where Prometheus discovers its pods, and one for the names of a StatefulSet's pods."""

from collections.abc import Iterable, Iterator
from typing import Any

import pulumi

from components.addresses import host_name, metrics_name, unready_name
from components.container import Port
from components.derived_names import governing_service, unready
from components.targets.kubernetes import naming, objects
from components.targets.kubernetes.scope import SKIP_AWAIT, Scope
from components.workload import Workload


def register(workload: Workload, scope: Scope) -> list[pulumi.Resource]:
    services: list[pulumi.Resource] = []
    if workload.ports:
        services.append(
            objects.Service(
                workload.name,
                metadata=scope.metadata(host_name(workload.name), annotations=SKIP_AWAIT),
                spec=service(workload),
                opts=scope.opts,
            )
        )
    if workload.volumes:
        name = governing_service(workload.name)
        services.append(
            objects.Service(
                name,
                metadata=scope.metadata(host_name(name), annotations=SKIP_AWAIT),
                spec=headless(naming.selector(workload.name), _numbered(_ports_of(workload))),
                opts=scope.opts,
            )
        )
    if workload.reached_unready:
        services.append(
            objects.Service(
                unready(workload.name),
                metadata=scope.metadata(unready_name(workload.name), annotations=SKIP_AWAIT),
                spec=headless(naming.selector(workload.name), _numbered(workload.ports)),
                opts=scope.opts,
            )
        )
    if scope.discovered:
        for target in workload.scrape_targets():
            ports = [(target.port, target.address.port)]
            services.append(
                objects.Service(
                    f"{target.name}-metrics",
                    metadata=scope.metadata(metrics_name(target.name), annotations=SKIP_AWAIT),
                    spec=headless(naming.selector(workload.name), ports),
                    opts=scope.opts,
                )
            )
    return services


def service(workload: Workload) -> dict[str, Any]:
    """The spec of the Service under which others reach a workload."""
    return {
        "type": "ClusterIP",
        "selector": naming.selector(workload.name),
        "ports": _ports(_numbered(_ports_of(workload))),
    }


def headless(selector: dict[str, str], ports: Iterable[tuple[str, int]]) -> dict[str, Any]:
    """The spec of a Service whose name has one address per pod. `ports` are names and numbers.

    Pods that are not ready are included, because that is when their metrics and status matter.
    """
    return {
        "type": "ClusterIP",
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": selector,
        "ports": _ports(ports),
    }


def _ports_of(workload: Workload) -> Iterator[Port]:
    for container in workload.containers():
        yield from container.ports


def _numbered(ports: Iterable[Port]) -> list[tuple[str, int]]:
    return [(port.name, port.number) for port in ports]


def _ports(ports: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "port": number, "targetPort": number, "protocol": "TCP"}
        for name, number in ports
    ]
