"""The backend's own metrics."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from service.schemas import Outcome

# Seconds. From a decision on the same machine to the decision service's time-out.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class DecisionMetrics:
    """What was decided, and how long the decision service took as seen from here."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._decisions = Counter(
            "decisions", "Decisions kept, by outcome", ["outcome"], registry=registry
        )
        for outcome in ("accept", "review"):
            self._decisions.labels(outcome)
        self.latency = Histogram(
            "decision_latency_seconds",
            "Time to have one observation decided, the way there and back included",
            buckets=BUCKETS,
            registry=registry,
        )

    def kept(self, outcome: Outcome) -> None:
        self._decisions.labels(outcome).inc()
