"""What Prometheus Operator reads: the same jobs and rules as our own Prometheus has."""

from typing import Any

import pytest
import yaml

from components import plain_files
from components.observability import rules as bound_rules
from components.probe import PROBES
from components.targets.kubernetes.configuration import key
from tests.unit.describing import KUBERNETES
from tests.unit.rendering import Rendered, render

URL = "http://prometheus-operated.monitoring:9090"
STACK: dict[str, Any] = {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False}}


@pytest.fixture(scope="module")
def operator() -> Rendered:
    prometheus = {"labels": {"release": "prometheus"}, "namespace": "watchers", "url": URL}
    return render(STACK | {"observability": {"mode": "operator", "operator": prometheus}})


@pytest.fixture(scope="module")
def builtin() -> Rendered:
    return render(STACK)


def our_jobs(rendered: Rendered) -> dict[str, dict[str, Any]]:
    """The jobs of our own Prometheus, by name, without those of itself and Alertmanager."""
    data = rendered.of_type("ConfigMap")["prometheus-files"].inputs["data"]
    jobs = yaml.safe_load(data[key("/etc/prometheus/prometheus.yml")])["scrape_configs"]
    return {
        job["job_name"]: job
        for job in jobs
        if not job["job_name"].startswith(("prometheus", "alertmanager", PROBES))
    }


def endpoints(rendered: Rendered) -> dict[str, dict[str, Any]]:
    """What each PodMonitor scrapes, by the job's label."""
    by_job = {}
    for monitor in rendered.of_type("PodMonitor").values():
        endpoint, *probes = monitor.inputs["spec"]["podMetricsEndpoints"]
        assert bool(probes) == (monitor.name == "prober")
        (relabeling,) = endpoint["relabelings"]
        assert relabeling["targetLabel"] == "job"
        by_job[relabeling["replacement"]] = endpoint
    return by_job


def test_every_job_keeps_its_label_its_path_and_its_interval(
    operator: Rendered, builtin: Rendered
) -> None:
    """Rules and dashboards know jobs by name."""
    ours = our_jobs(builtin)
    assert {
        name: (job["metrics_path"], job.get("scrape_interval", "15s")) for name, job in ours.items()
    } == {
        name: (endpoint["path"], endpoint["interval"])
        for name, endpoint in endpoints(operator).items()
    }


def test_the_probers_pod_is_asked_once_for_each_probe(operator: Rendered) -> None:
    _, page, *_ = operator.of_type("PodMonitor")["prober"].inputs["spec"]["podMetricsEndpoints"]
    assert page == {
        "port": "http",
        "path": "/probe",
        "interval": "10s",
        "params": {
            "module": ["gateway-well"],
            "target": ["http://ai-platform-gateway:8080/"],
            "hostname": ["localhost"],
        },
        "relabelings": [
            {"targetLabel": "job", "replacement": "ai-platform-probes"},
            {"targetLabel": "instance", "replacement": "/"},
            {"targetLabel": "service", "replacement": "frontend"},
            {"targetLabel": "through", "replacement": "gateway"},
        ],
    }


def test_a_monitor_selects_pods_that_have_its_port(operator: Rendered) -> None:
    templates = [
        controller.inputs["spec"]["template"]
        for kind in ("Deployment", "StatefulSet")
        for controller in operator.of_type(kind).values()
    ]
    for name, monitor in operator.of_type("PodMonitor").items():
        if name == "postgres-instances":
            continue  # made by the other operator
        spec = monitor.inputs["spec"]
        labels = spec["selector"]["matchLabels"]
        (pod,) = [
            template["spec"]
            for template in templates
            if labels.items() <= template["metadata"]["labels"].items()
        ]
        ports = [
            port["name"] for container in pod["containers"] for port in container.get("ports", ())
        ]
        assert ports.count(spec["podMetricsEndpoints"][0]["port"]) == 1


def test_the_other_operators_pods_are_found_by_its_labels(operator: Rendered) -> None:
    monitor = operator.of_type("PodMonitor")["postgres-instances"].inputs
    assert monitor == {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {
            "name": "ai-platform-postgres-instances",
            "namespace": "ai-platform",
            "labels": {
                "app.kubernetes.io/name": "postgres-instances",
                "app.kubernetes.io/instance": "dev",
                "app.kubernetes.io/component": "observability",
                "app.kubernetes.io/part-of": "ai-platform",
                "app.kubernetes.io/managed-by": "pulumi",
                "release": "prometheus",
            },
            "annotations": {"pulumi.com/patchForce": "true"},
        },
        "spec": {
            "selector": {
                "matchLabels": {
                    "cnpg.io/cluster": "ai-platform-postgres",
                    "cnpg.io/podRole": "instance",
                }
            },
            "podMetricsEndpoints": [
                {
                    "port": "metrics",
                    "path": "/metrics",
                    "interval": "15s",
                    "relabelings": [
                        {"targetLabel": "job", "replacement": "ai-platform-postgres-instances"}
                    ],
                }
            ],
        },
    }


def test_every_rule_file_is_an_object_bound_to_the_stacks_namespace(operator: Rendered) -> None:
    rules = {
        f"{name}.yml": rule.inputs["spec"]
        for name, rule in operator.of_type("PrometheusRule").items()
    }
    plain = dict(plain_files.texts("monitoring/prometheus/rules", "*.yml"))
    bound = bound_rules.bound(plain, "ai-platform", {"stack": "dev", "cluster": "dev"})
    expected = rules.pop("expected.yml")
    assert rules == {name: yaml.safe_load(text.template) for name, text in bound.items()}
    assert {rule["labels"]["namespace"] for rule in expected["groups"][0]["rules"]} == {
        "ai-platform"
    }
    jobs = [rule["labels"]["job"] for rule in expected["groups"][0]["rules"]]
    assert sorted(jobs) == sorted(endpoints(operator))


def test_every_object_has_the_labels_by_which_prometheus_selects_it(
    operator: Rendered,
) -> None:
    monitors, rules = operator.of_type("PodMonitor"), operator.of_type("PrometheusRule")
    assert monitors
    assert rules
    for resource in (*monitors.values(), *rules.values()):
        assert resource.inputs["metadata"]["labels"]["release"] == "prometheus", resource.name


def test_our_own_prometheus_and_its_services_do_not_exist(
    operator: Rendered,
) -> None:
    kinds = ("Deployment", "StatefulSet", "Service", "ConfigMap", "PersistentVolumeClaim")
    names = [name for kind in kinds for name in operator.of_type(kind)]
    assert not [name for name in names if "prometheus" in name or "alertmanager" in name]
    assert not [name for name in names if name.endswith("-metrics")]


def ingress(rendered: Rendered, name: str) -> list[dict[str, Any]]:
    spec: dict[str, Any] = rendered.of_type("NetworkPolicy")[name].inputs["spec"]
    return list(spec["ingress"])


def test_the_clusters_prometheus_may_reach_metrics_only(
    operator: Rendered,
) -> None:
    watchers = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "watchers"}}}
    entered = {
        name: [
            port["port"]
            for rule in ingress(operator, name)
            if watchers in rule["from"]
            for port in rule["ports"]
        ]
        for name in operator.of_type("NetworkPolicy")
        if name != "deny-all"
    }
    targets = [target for part in operator.parts for target in part.scrape_targets()]
    instances = {"postgres-instances": "postgres"}
    expected: dict[str, list[int]] = {}
    for target in targets:
        workload = target.address.workload
        expected.setdefault(instances.get(workload, workload), []).append(target.address.port)
    assert {name: ports for name, ports in entered.items() if ports} == expected
    assert entered["backend"] == [8000]


def test_grafana_uses_and_may_reach_the_clusters_prometheus(operator: Rendered) -> None:
    data = operator.of_type("ConfigMap")["grafana-files"].inputs["data"]
    text = data[key("/etc/grafana/provisioning/datasources/prometheus.yml")]
    assert yaml.safe_load(text)["datasources"][0]["url"] == URL
    egress = operator.of_type("NetworkPolicy")["grafana"].inputs["spec"]["egress"]
    assert {
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "watchers"}}}],
        "ports": [{"protocol": "TCP", "port": 9090}],
    } in egress
