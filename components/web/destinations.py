"""The services that routes may lead to."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.addresses import Address
from components.api import ServiceConnection
from components.observability import GRAFANA
from components.settings import Settings
from components.web.frontend import NAME as FRONTEND


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A service behind the gateway.

    `starts_after` are the parts that must be healthy before the gateway starts. `metrics` is the
    service's path that only Prometheus may read. At `status` it also answers while it is not ready.
    """

    address: Address
    starts_after: tuple[str, ...] = ()
    metrics: str | None = None
    status: str | None = None


def destinations(
    settings: Settings, services: Mapping[str, ServiceConnection]
) -> dict[str, Destination]:
    """Every service to which a route leads, by its name.

    The gateway does not wait for Grafana: monitoring that fails must not close the front door.
    """
    known = {
        name: Destination(
            address=service.address,
            starts_after=service.starts_after,
            metrics=settings.api.services[name].metrics,
            status=settings.api.services[name].status,
        )
        for name, service in services.items()
    }
    known[GRAFANA.workload] = Destination(address=GRAFANA, metrics="/metrics")
    page = settings.web.frontend
    if page:
        address = Address(workload=FRONTEND, port=page.port)
        known[FRONTEND] = Destination(address=address, starts_after=(FRONTEND,))
    return {route.to: known[route.to] for route in settings.web.routes.values()}
