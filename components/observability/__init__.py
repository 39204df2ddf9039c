"""The observability tier: Prometheus, Alertmanager and Grafana, or an operator's Prometheus."""

from components.addresses import Address

TIER = "observability"
PROMETHEUS = Address(workload="prometheus", port=9090)
ALERTMANAGER = Address(workload="alertmanager", port=9093)
GRAFANA = Address(workload="grafana", port=3000)
