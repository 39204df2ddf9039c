"""The observability tier: Prometheus, Alertmanager, Grafana and the prober, or an operator's
Prometheus."""

from components.addresses import Address

TIER = "observability"
PROMETHEUS = Address(workload="prometheus", port=9090)
ALERTMANAGER = Address(workload="alertmanager", port=9093)
GRAFANA = Address(workload="grafana", port=3000)
PROBER = Address(workload="prober", port=9115)
PROBER_PORT = "http"
