"""What a Prometheus that an operator runs on the cluster scrapes and evaluates for us."""

from typing import Any

import yaml

from components.addresses import Address
from components.observability import operator, rules
from components.operated import Monitors
from components.probe import Probe
from components.workload import ScrapeTarget
from tests.unit.describing import KUBERNETES, ROOT, settings

TARGET = ScrapeTarget(
    name="reports",
    job="ai-platform-reports",
    address=Address(workload="reports", port=8100),
    port="http",
    path="/metrics",
    tier="api",
    replicas=2,
)
PROBE = Probe(
    prober=Address(workload="prober", port=9115),
    port="http",
    module="gateway-well",
    url="http://ai-platform-gateway:8080/",
    labels={"instance": "/"},
)
ORIGIN = {"stack": "prod", "cluster": "west"}
BASE_URL = "https://example.com/platform/"


def monitors(**observed: Any) -> Monitors:
    values = {
        **KUBERNETES,
        "observability": {"mode": "operator", "grafana": False, "runbook_base_url": BASE_URL}
        | observed,
    }
    return operator.monitors(settings(values), [TARGET], [PROBE], ORIGIN)


def test_it_gets_the_jobs_and_rules_of_our_own_prometheus_without_its_own_job() -> None:
    assert monitors().jobs == (TARGET,)
    assert monitors().probes == (PROBE,)
    assert monitors().rules == rules.bound(rules.files([TARGET], BASE_URL), "ai-platform", ORIGIN)


def test_alerts_say_which_stack_and_cluster_they_come_from_and_series_do_not() -> None:
    """The external labels of that Prometheus say which Prometheus it is."""
    loaded = [
        rule
        for text in monitors().rules.values()
        for group in yaml.safe_load(text.template)["groups"]
        for rule in group["rules"]
    ]
    labelled = [rule for rule in loaded if ORIGIN.items() <= rule["labels"].items()]
    assert labelled == [rule for rule in loaded if "alert" in rule]
    assert labelled
    assert not [rule for rule in loaded if "record" in rule and "stack" in rule["labels"]]


def test_its_default_interval_is_that_of_our_own_prometheus() -> None:
    plain = (ROOT / "monitoring" / "prometheus" / "prometheus.yml").read_text()
    assert monitors().interval == yaml.safe_load(plain)["global"]["scrape_interval"]


def test_the_settings_say_where_it_runs_and_by_which_labels_it_selects() -> None:
    part = monitors(operator={"namespace": "watching", "labels": {"release": "prometheus"}})
    assert part.namespace == "watching"
    assert part.labels == {"release": "prometheus"}


def test_a_target_without_operators_names_the_setting() -> None:
    assert monitors().asked_by == "observability.mode: operator"
