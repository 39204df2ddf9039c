"""The Services of a workload: one for its clients, and one where Prometheus discovers its pods."""

from collections.abc import Iterable
from typing import Any

import pulumi

from components.addresses import host_name, metrics_name
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
    ports = [port for container in workload.containers() for port in container.ports]
    return {
        "type": "ClusterIP",
        "selector": naming.selector(workload.name),
        "ports": _ports((port.name, port.number) for port in ports),
    }


def headless(selector: dict[str, str], ports: Iterable[tuple[str, int]]) -> dict[str, Any]:
    """The spec of a Service whose name has one address per pod. `ports` are names and numbers.

    Pods that are not ready are included, because that is when their metrics matter.
    """
    return {
        "type": "ClusterIP",
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": selector,
        "ports": _ports(ports),
    }


def _ports(ports: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "port": number, "targetPort": number, "protocol": "TCP"}
        for name, number in ports
    ]
