"""The metrics of every service of the platform."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter, Response
from fastapi.routing import APIRoute
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from service.usage import UsageCollector

# Seconds. Finer for usual response times (1 to 50 ms), up to the longest timeout.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# Machines request these every few seconds. The request metrics and logs at INFO leave them out.
PROBES = ("/health", "/ready", "/metrics")
# Statuses that mean that the service failed, not its caller.
FAILURES = (500, 503)
NOTHING: Mapping[str, bool] = MappingProxyType({})

disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Each application has its own registry, so that tests can run several in one process."""

    def __init__(self, disk: Path) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(UsageCollector(disk))
        ProcessCollector(registry=self.registry)
        self.health = Gauge(
            "system_health_status", "1 if the service is ready, else 0", registry=self.registry
        )
        self._dependencies = Gauge(
            "dependency_up",
            "1 if the service reaches the server that it depends on, else 0",
            ["dependency"],
            registry=self.registry,
        )
        self._requests = Counter(
            "api_requests",
            "Requests answered, by route and status",
            ["method", "path", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "api_response_time_seconds",
            "Time from the arrival of a request to the end of the response",
            ["method", "path"],
            buckets=BUCKETS,
            registry=self.registry,
        )

    def expect(self, router: APIRouter) -> None:
        """Start the counters of the routes at 0, so that the first request and the first error show
        as an increase."""
        for route in router.routes:
            if isinstance(route, APIRoute) and route.path not in PROBES:
                for method in route.methods or ():
                    for status in (route.status_code or 200, *FAILURES):
                        self._requests.labels(method, route.path, status)
                    self._seconds.labels(method, route.path)

    def count(self, method: str, path: str, status: int, seconds: float) -> None:
        if path not in PROBES:
            self._requests.labels(method, path, status).inc()
            self._seconds.labels(method, path).observe(seconds)

    def answer(self, *, healthy: bool, dependencies: Mapping[str, bool] = NOTHING) -> Response:
        """Return the response to a scrape by Prometheus, with the servers that the service
        reaches."""
        self.health.set(healthy)
        for name, up in dependencies.items():
            self._dependencies.labels(name).set(up)
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)
