"""The backend's own metrics."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from service.schemas import Outcome

# Seconds. From a decision on the same machine to the timeout of the decision service.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class DecisionMetrics:
    """The decisions, and the response time of the decision service as the backend measures it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._decisions = Counter(
            "decisions", "Stored decisions, by outcome", ["outcome"], registry=registry
        )
        for outcome in ("accept", "review"):
            self._decisions.labels(outcome)
        self.latency = Histogram(
            "decision_latency_seconds",
            "Time to get one decision from the decision service, including the network",
            buckets=BUCKETS,
            registry=registry,
        )

    def kept(self, outcome: Outcome) -> None:
        self._decisions.labels(outcome).inc()
