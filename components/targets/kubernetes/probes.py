"""Translates a container's health checks into probes."""

from math import ceil
from typing import Any

from components.container import Command, Container, Health, Http

# Seconds between two startup probes: short, so that a quick start is noticed at once.
START_PERIOD = 2


def probes(container: Container) -> dict[str, Any]:
    """The readiness probe decides whether a pod gets requests, and the liveness probe restarts a
    container. The startup probe runs first."""
    fields: dict[str, Any] = {}
    if container.ready:
        fields["readinessProbe"] = _probe(container.ready)
    if container.alive:
        fields["livenessProbe"] = _probe(container.alive)
    first = container.alive or container.ready
    if first:
        fields["startupProbe"] = {
            **_handler(first),
            "periodSeconds": START_PERIOD,
            "timeoutSeconds": first.timeout,
            "failureThreshold": ceil(start_budget(container) / START_PERIOD),
        }
    return fields


def start_budget(container: Container) -> int:
    """The longest healthy start, in seconds; 0 for a container without health checks."""
    return max(
        (health.start_budget for health in (container.ready, container.alive) if health),
        default=0,
    )


def _probe(health: Health) -> dict[str, Any]:
    return {
        **_handler(health),
        "periodSeconds": health.period,
        "timeoutSeconds": health.timeout,
        "failureThreshold": health.failures,
    }


def _handler(health: Health) -> dict[str, Any]:
    match health.ask:
        case Command(argv=argv):
            return {"exec": {"command": list(argv)}}
        case Http(path=path, port=port):
            return {"httpGet": {"path": path, "port": port}}
