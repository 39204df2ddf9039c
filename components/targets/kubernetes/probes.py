"""From a container's questions to its probes."""

from math import ceil
from typing import Any

from components.workload import Command, Container, Health, Http

# Seconds between two questions of a start: short, so that a quick start is seen at once.
START_PERIOD = 2


def probes(container: Container) -> dict[str, Any]:
    """Ready decides who gets requests, alive who is started again; a start has its budget first."""
    found: dict[str, Any] = {}
    if container.ready:
        found["readinessProbe"] = _probe(container.ready)
    if container.alive:
        found["livenessProbe"] = _probe(container.alive)
    begins = container.alive or container.ready
    if begins:
        found["startupProbe"] = {
            **_asked(begins),
            "periodSeconds": START_PERIOD,
            "timeoutSeconds": begins.timeout,
            "failureThreshold": ceil(start_budget(container) / START_PERIOD),
        }
    return found


def start_budget(container: Container) -> int:
    """The longest healthy start, in seconds; 0 for a container that can not be asked."""
    return max(
        (each.start_budget for each in (container.ready, container.alive) if each), default=0
    )


def _probe(health: Health) -> dict[str, Any]:
    return {
        **_asked(health),
        "periodSeconds": health.period,
        "timeoutSeconds": health.timeout,
        "failureThreshold": health.failures,
    }


def _asked(health: Health) -> dict[str, Any]:
    match health.ask:
        case Command(argv=argv):
            return {"exec": {"command": list(argv)}}
        case Http(path=path, port=port):
            return {"httpGet": {"path": path, "port": port}}
