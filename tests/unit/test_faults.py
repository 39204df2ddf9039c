"""The ten faults of the hand-written files that this program replaces: none of them is here.

Faults 3 to 5 and 9 are of Kubernetes manifests; what of them can happen on Docker is tested too.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import SettingsError
from tests.unit.describing import ROOT, settings
from tests.unit.objects import containers, contents, files, named, objects, referenced, templates
from tests.unit.recorded import Case
from tests.unit.rendering import PASSWORD, Rendered

DASHBOARDS = sorted((ROOT / "monitoring" / "grafana" / "dashboards").glob("*.json"))
WEB = ROOT / "images" / "web"


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for panel in dashboard["panels"]:
        found += [panel, *panel.get("panels", [])]
    return found


def exported_metrics() -> set[str]:
    """Metric names that the reference services' sources and the recording rules define."""
    sources = [
        path.read_text()
        for service in ("api", "decision")
        for path in (ROOT / "images" / service).rglob("*.py")
    ]
    made = r'(?i:counter|gauge|histogram)(?:MetricFamily)?\(\s*"([a-z_]+)"'
    names = set(re.findall(made, "\n".join(sources)))
    for path in (ROOT / "monitoring" / "prometheus" / "rules").glob("*.yml"):
        names |= set(re.findall(r"record: (\S+)", path.read_text()))
    return names


def test_fault_1_no_dashboard_is_wrapped_and_no_panel_is_of_a_removed_type() -> None:
    assert DASHBOARDS
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text())
        assert "dashboard" not in dashboard, path
        assert dashboard["panels"], path
        assert not {"graph", "singlestat", "table-old"} & {
            panel["type"] for panel in panels(dashboard)
        }, path


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_fault_1_no_panel_asks_for_a_metric_of_ours_that_nobody_exports(path: Path) -> None:
    """A metric of an exporter's is proven against a live Prometheus."""
    exported = exported_metrics()
    ours = re.compile(r"\b(?:system|api|ai|camera|vision|decisions?)_[a-z_]+|platform:[a-z0-9:_]+")
    for panel in panels(json.loads(path.read_text())):
        for target in panel.get("targets", []):
            for name in ours.findall(target["expr"]):
                base = re.sub(r"_(bucket|sum|count|total)$", "", name)
                assert base in exported or name in exported, (panel["title"], name)


def test_fault_2_metrics_of_the_front_end_are_its_exporters_and_never_the_page(
    dev: Rendered,
) -> None:
    uploads = dev.containers()["prometheus"]["uploads"]
    text = next(u["content"] for u in uploads if u["file"] == "/etc/prometheus/prometheus.yml")
    jobs = {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}
    assert jobs["ai-platform-frontend"]["dns_sd_configs"][0]["port"] == 9113
    site = (WEB / "nginx" / "templates" / "site.inc.template").read_text()
    assert re.search(r"location[^{]*/metrics\s*\{[^}]*return 404", site)


def test_fault_2_on_a_cluster_prometheus_asks_the_exporter_s_port_of_the_front_end_s_pods(
    prod: Rendered,
) -> None:
    text = files(prod, "ai-platform-prometheus")["/etc/prometheus/prometheus.yml"]
    jobs = {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}
    (discovery,) = jobs["ai-platform-frontend"]["dns_sd_configs"]
    assert discovery["port"] == 9113
    (service,) = (named(prod, "Service", name) for name in discovery["names"])
    assert [port["port"] for port in service["spec"]["ports"]] == [9113]


def test_fault_3_a_least_number_of_replicas_above_the_greatest_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"replicas\.min\n  found    50\n  allowed  at most"):
        settings({"api": {"services": {"backend": {"replicas": {"min": 50, "max": 3}}}}})


def test_fault_3_a_number_of_replicas_never_fights_an_autoscaler(kubernetes: Rendered) -> None:
    scaled = {
        (each["spec"]["scaleTargetRef"]["kind"], each["spec"]["scaleTargetRef"]["name"])
        for each in objects(kubernetes, "HorizontalPodAutoscaler").values()
    }
    for each in objects(kubernetes, "Deployment", "StatefulSet").values():
        autoscaled = (each["kind"], each["metadata"]["name"]) in scaled
        assert ("replicas" in each["spec"]) is not autoscaled, each["metadata"]["name"]


def test_fault_3_an_autoscaler_starts_at_the_number_that_is_asked_for(
    own_kubernetes: Rendered,
) -> None:
    (autoscaler,) = objects(own_kubernetes, "HorizontalPodAutoscaler").values()
    spec = autoscaler["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 6)


def test_fault_4_two_replicas_never_share_a_volume(dev: Rendered) -> None:
    with pytest.raises(SettingsError, match="has one writer"):
        settings({"api": {"services": {"backend": {"replicas": 3, "data_volume": {}}}}})
    kept = [
        volume["volumeName"]
        for inputs in dev.containers().values()
        for volume in inputs["volumes"]
        if not volume["volumeName"].endswith("-status")
    ]
    assert len(kept) == len(set(kept))


def test_fault_4_two_pods_never_share_a_claim(kubernetes: Rendered) -> None:
    claims = [
        (name, claim)
        for name, template in templates(kubernetes).items()
        for kind, claim, _ in referenced(template)
        if kind == "PersistentVolumeClaim"
    ]
    assert claims
    assert len({claim for _, claim in claims}) == len(claims)
    for name, _ in claims:
        assert objects(kubernetes)[name]["spec"]["replicas"] == 1, name


def test_fault_5_the_ingress_rewrites_no_path(kubernetes: Rendered) -> None:
    (ingress,) = objects(kubernetes, "Ingress").values()
    assert not [key for key in ingress["metadata"]["annotations"] if "rewrite" in key]
    for rule in ingress["spec"]["rules"]:
        assert [each["path"] for each in rule["http"]["paths"]] == ["/"]
        assert [each["pathType"] for each in rule["http"]["paths"]] == ["Prefix"]


def test_fault_5_the_front_ends_paths_are_rewritten_nowhere() -> None:
    for path in (WEB / "nginx").rglob("*"):
        if path.is_file():
            assert not re.search(r"^\s*rewrite\s", path.read_text(), re.MULTILINE), path


def test_fault_6_the_cache_url_has_the_password(dev: Rendered) -> None:
    uploads = {u["file"]: u["content"] for u in dev.containers()["backend"]["uploads"]}
    assert uploads["/run/secrets/cache-url"] == (
        f"redis://platform:{PASSWORD}redis-app-password@ai-platform-redis:6379/0"
    )


def test_fault_6_on_a_cluster_too(prod: Rendered) -> None:
    assert files(prod, "ai-platform-backend")["/run/secrets/cache-url"] == (
        f"redis://platform:{PASSWORD}redis-app-password@ai-platform-redis:6379/0"
    )


def test_fault_7_on_a_cluster_the_page_is_told_where_its_backend_is_and_nothing_else(
    prod: Rendered,
) -> None:
    template = templates(prod)["Deployment ai-platform-frontend"]
    env = {each["name"]: each["value"] for each in template["spec"]["containers"][0]["env"]}
    assert env["API_HOST"] == "ai-platform-backend"
    assert not [name for name in env if name.startswith("VITE_")]


def test_fault_7_the_page_calls_its_own_origin_and_is_told_no_address(dev: Rendered) -> None:
    envs = dev.containers()["frontend"]["envs"]
    assert not [env for env in envs if env.startswith("VITE_")]
    for path in (WEB / "page").rglob("*"):
        if path.is_file():
            assert not re.search(r"https?://(localhost|127\.0\.0\.1)", path.read_text()), path
    script = (WEB / "page" / "assets" / "api.js").read_text()
    assert re.search(r"[\"'`]/api/", script)


def test_fault_8_every_secret_that_a_container_reads_is_made_by_the_program(dev: Rendered) -> None:
    for name, inputs in dev.containers().items():
        files = {upload["file"] for upload in inputs["uploads"]}
        words = [*inputs["envs"], *inputs.get("healthcheck", {}).get("tests", [])]
        named = set(re.findall(r"/run/secrets/[\w.-]+", " ".join(words)))
        assert named <= files, name


def test_fault_8_every_secret_that_a_pod_names_is_made_by_the_program_or_by_the_settings_word(
    case: Case, kubernetes: Rendered
) -> None:
    made = {
        (each["metadata"]["name"], key)
        for each in objects(kubernetes, "Secret").values()
        for key in each["data"]
    }
    existing = case.settings["kubernetes"].get("secrets", {}).values()
    made |= {(each["name"], each["key"]) for each in existing}
    named = {
        (secret, key)
        for template in templates(kubernetes).values()
        for kind, secret, key in referenced(template)
        if kind == "Secret" and key
    }
    assert named
    assert named <= made


def test_fault_8_no_secret_of_the_program_is_empty_or_a_sample(kubernetes: Rendered) -> None:
    for name, each in objects(kubernetes, "Secret").items():
        for key, text in contents(each).items():
            assert re.search("generated-|given-|[0-9a-f]{64}", text), (name, key)


def test_fault_8_no_sample_password_stands_in_a_file() -> None:
    given = re.compile(r"(?i)\b(\w*(password|passwd|token|secret))\s*[:=]\s*['\"]?\w{4,}")
    for path in (*ROOT.glob("Pulumi*.yaml"), *(ROOT / "monitoring").rglob("*.y*ml")):
        assert not given.search(path.read_text()), path


def test_fault_9_one_server_runs_on_the_databases_volume(dev: Rendered) -> None:
    """And a replacement ends the old one first: Docker's own names see to that."""
    on_volume = [
        name
        for name, inputs in dev.containers().items()
        if "ai-platform-dev-postgres" in {v["volumeName"] for v in inputs["volumes"]}
    ]
    assert on_volume == ["postgres"]
    with pytest.raises(SettingsError, match=r"data\.replicas\n  found    a key that nothing reads"):
        settings({"data": {"replicas": 2}})


@pytest.mark.parametrize("name", ["postgres", "redis", "prometheus", "grafana"])
def test_fault_9_one_pod_at_a_time_runs_on_a_volume_of_a_cluster(prod: Rendered, name: str) -> None:
    """A StatefulSet's pod has a fixed name: the old one is gone before the new one comes."""
    made = named(prod, "StatefulSet", f"ai-platform-{name}")
    assert made["spec"]["replicas"] == 1
    assert f"HorizontalPodAutoscaler ai-platform-{name}" not in objects(prod)
    assert f"Deployment ai-platform-{name}" not in objects(prod)
    claim = ("PersistentVolumeClaim", f"ai-platform-{name}", "")
    assert claim in referenced(made["spec"]["template"])


def test_fault_10_on_a_cluster_no_tag_is_latest(kubernetes: Rendered) -> None:
    images = {
        each["image"]
        for template in templates(kubernetes).values()
        for each in containers(template)
    }
    for image in images:
        assert re.search(r":[^:/]*\d[^:/]*$", image), image
        assert "latest" not in image, image


def test_fault_10_on_a_cluster_health_is_asked_by_the_kubelet_or_with_what_is_in_the_image(
    kubernetes: Rendered,
) -> None:
    """Only servers that speak no HTTP are asked by a command, which their own image has."""
    asked = {
        each["name"]: each[kind]["exec"]["command"][0]
        for template in templates(kubernetes).values()
        for each in containers(template)
        for kind in ("readinessProbe", "livenessProbe", "startupProbe")
        if "exec" in each.get(kind, {})
    }
    assert asked == {"postgres": "sh", "redis": "sh"}


def test_fault_10_no_tag_is_latest(dev: Rendered, debian: Rendered) -> None:
    for rendered in (dev, debian):
        for image in rendered.of_type("RemoteImage").values():
            # What is built here is named after the stack, and changes with its source.
            assert "triggers" in image.inputs or re.search(
                r":[^:/]*\d[^:/]*$", image.inputs["name"]
            )
            assert "latest" not in image.inputs["name"]


def test_fault_10_health_is_asked_with_what_is_in_the_image(dev: Rendered) -> None:
    asked = {
        name: inputs["healthcheck"]["tests"][1]
        for name, inputs in dev.containers().items()
        if "healthcheck" in inputs
    }
    assert asked == {
        "postgres": "sh",
        "postgres-exporter": "wget",
        "redis": "sh",
        "backend": "python3",
        "decision": "python3",
        "frontend": "curl",
        "prometheus": "wget",
        "alertmanager": "wget",
        "alertmanager-gateway": "curl",
        "grafana": "wget",
    }
