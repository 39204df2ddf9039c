"""Ten faults of hand-written Compose files and manifests, and that this program avoids each.

Faults 3 to 5 and 9 are faults of Kubernetes manifests; the parts that are possible on Docker are
tested too. components/test_rules_of_{objects,pods}.py tests the rules of faults 4 and 8 for every
pod.
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
from tests.unit.rendering import PASSWORD, Rendered

DASHBOARDS = sorted((ROOT / "monitoring" / "grafana" / "dashboards").glob("*.json"))
WEB = ROOT / "images" / "web"


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = dashboard["panels"]
    return [panel for row in rows for panel in (row, *row.get("panels", []))]


def prometheus_files(rendered: Rendered) -> dict[str, str]:
    uploads = rendered.containers()["prometheus"]["uploads"]
    return {upload["file"]: upload["content"] for upload in uploads}


def exported_metrics(rendered: Rendered) -> set[str]:
    """Metric names that the reference services' sources and a stack's recording rules define."""
    sources = [path.read_text() for path in (ROOT / "images" / "services").rglob("*.py")]
    definition = r'(?i:counter|gauge|histogram)(?:MetricFamily)?\(\s*"([a-z_]+)"'
    names = set(re.findall(definition, "\n".join(sources)))
    for path, content in prometheus_files(rendered).items():
        if path.startswith("/etc/prometheus/rules/"):
            names |= set(re.findall(r"record: (\S+)", content))
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
def test_fault_1_every_metric_of_ours_in_a_panel_is_exported(path: Path, dev: Rendered) -> None:
    """A live Prometheus proves the metrics of exporters."""
    exported = exported_metrics(dev)
    ours = re.compile(r"\b(?:system|api|ai|camera|vision|decisions?)_[a-z_]+|platform:[a-z0-9:_]+")
    for panel in panels(json.loads(path.read_text())):
        for target in panel.get("targets", []):
            for name in ours.findall(target["expr"]):
                base = re.sub(r"_(bucket|sum|count|total)$", "", name)
                assert base in exported or name in exported, (panel["title"], name)


def test_fault_2_prometheus_scrapes_the_front_ends_exporter_and_never_the_page(
    dev: Rendered,
) -> None:
    text = prometheus_files(dev)["/etc/prometheus/prometheus.yml"]
    jobs = {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}
    for job in ("ai-platform-frontend", "ai-platform-gateway"):
        assert jobs[job]["dns_sd_configs"][0]["port"] == 9113
    site = (WEB / "nginx" / "nginx.conf").read_text()
    assert re.search(r"location[^{]*/metrics\s*\{[^}]*return 404", site)


def test_fault_2_on_a_cluster_prometheus_scrapes_the_exporters_port(
    prod: Rendered,
) -> None:
    text = files(prod, "ai-platform-prometheus")["/etc/prometheus/prometheus.yml"]
    jobs = {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}
    (discovery,) = jobs["ai-platform-frontend"]["dns_sd_configs"]
    assert discovery["port"] == 9113
    (service,) = (named(prod, "Service", name) for name in discovery["names"])
    assert [port["port"] for port in service["spec"]["ports"]] == [9113]


def test_fault_3_min_replicas_above_max_replicas_are_rejected() -> None:
    with pytest.raises(SettingsError, match=r"replicas\.min\n  found    50\n  allowed  at most"):
        settings({"api": {"services": {"backend": {"replicas": {"min": 50, "max": 3}}}}})


def test_fault_3_a_workload_has_a_number_of_replicas_or_an_autoscaler(kubernetes: Rendered) -> None:
    references = [
        autoscaler["spec"]["scaleTargetRef"]
        for autoscaler in objects(kubernetes, "HorizontalPodAutoscaler").values()
    ]
    autoscaled = {f"{reference['kind']} {reference['name']}" for reference in references}
    for name, controller in objects(kubernetes, "Deployment", "StatefulSet").items():
        assert ("replicas" in controller["spec"]) is (name not in autoscaled), name


def test_fault_3_an_autoscaler_starts_at_the_configured_number(
    own_kubernetes: Rendered,
) -> None:
    (autoscaler,) = objects(own_kubernetes, "HorizontalPodAutoscaler").values()
    spec = autoscaler["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 6)


def test_fault_4_two_replicas_never_share_a_volume(dev: Rendered) -> None:
    with pytest.raises(SettingsError, match="has one writer"):
        settings({"api": {"services": {"backend": {"replicas": 3, "data_volume": {}}}}})
    volumes = [
        volume["volumeName"]
        for inputs in dev.containers().values()
        if inputs["mustRun"]  # a step ends before the container that has the volume
        for volume in inputs["volumes"]
        if not volume["volumeName"].endswith("-status") and not volume.get("readOnly")
    ]
    assert len(volumes) == len(set(volumes))


def test_fault_5_the_ingress_rewrites_no_path(kubernetes: Rendered) -> None:
    (ingress,) = objects(kubernetes, "Ingress").values()
    assert not [key for key in ingress["metadata"]["annotations"] if "rewrite" in key]
    for rule in ingress["spec"]["rules"]:
        assert [path["path"] for path in rule["http"]["paths"]] == ["/"]
        assert [path["pathType"] for path in rule["http"]["paths"]] == ["Prefix"]


def test_fault_5_no_path_of_the_front_end_is_rewritten() -> None:
    for path in (WEB / "nginx").rglob("*"):
        if path.is_file():
            assert not re.search(r"^\s*rewrite\s", path.read_text(), re.MULTILINE), path


def test_fault_6_the_cache_url_has_the_password(dev: Rendered) -> None:
    uploads = dev.containers()["backend"]["uploads"]
    contents = {upload["file"]: upload["content"] for upload in uploads}
    assert contents["/run/secrets/cache-url"] == (
        f"redis://platform:{PASSWORD}redis-app-password@ai-platform-redis:6379/0"
    )


def test_fault_6_the_cache_url_has_the_password_on_a_cluster(prod: Rendered) -> None:
    assert files(prod, "ai-platform-backend")["/run/secrets/cache-url"] == (
        f"redis://platform:{PASSWORD}redis-app-password@ai-platform-redis:6379/0"
    )


def test_fault_7_on_a_cluster_the_gateway_serves_page_and_api_under_one_origin(
    prod: Rendered,
) -> None:
    routes = files(prod, "ai-platform-gateway")["/etc/gateway/routes.conf"]
    assert "http://ai-platform-frontend$search_domain:8080;" in routes
    assert "http://ai-platform-backend$search_domain:8000;" in routes
    page = templates(prod)["Deployment ai-platform-frontend"]["spec"]["containers"][0]
    assert not page.get("env")


def test_fault_7_the_page_calls_its_own_origin_and_gets_no_address(dev: Rendered) -> None:
    envs = dev.containers()["frontend"]["envs"]
    assert not [env for env in envs if env.startswith("VITE_")]
    for path in (WEB / "page").rglob("*"):
        if path.is_file():
            assert not re.search(r"https?://(localhost|127\.0\.0\.1)", path.read_text()), path
    script = (WEB / "page" / "assets" / "api.js").read_text()
    assert re.search(r"[\"'`]/api/", script)


def test_fault_8_the_program_creates_every_secret_that_a_container_reads(dev: Rendered) -> None:
    for name, inputs in dev.containers().items():
        files = {upload["file"] for upload in inputs["uploads"]}
        words = [*inputs["envs"], *inputs.get("healthcheck", {}).get("tests", [])]
        named = set(re.findall(r"/run/secrets/[\w.-]+", " ".join(words)))
        assert named <= files, name


def test_fault_8_no_secret_is_empty_or_a_sample(kubernetes: Rendered) -> None:
    for name, secret in objects(kubernetes, "Secret").items():
        for key, text in contents(secret).items():
            assert re.search("generated-|given-|[0-9a-f]{64}", text), (name, key)


def test_fault_8_no_file_contains_a_sample_password() -> None:
    sample = re.compile(r"(?i)\b(\w*(password|passwd|token|secret))\s*[:=]\s*['\"]?\w{4,}")
    for path in (*ROOT.glob("Pulumi*.yaml"), *(ROOT / "monitoring").rglob("*.y*ml")):
        assert not sample.search(path.read_text()), path


def test_fault_9_one_server_writes_the_databases_volume(dev: Rendered) -> None:
    """Also, Docker ends the old container before a new one of the same name starts. The step before
    the server takes a lock (tests/e2e/contracts/test_restore.py)."""
    on_volume = [
        name
        for name, inputs in dev.containers().items()
        if inputs["mustRun"]
        for volume in inputs["volumes"]
        if volume["volumeName"] == "ai-platform-dev-postgres" and not volume.get("readOnly")
    ]
    assert on_volume == ["postgres"]
    with pytest.raises(SettingsError, match=r"data\.replicas\n  found    an unknown key"):
        settings({"data": {"replicas": 2}})


@pytest.mark.parametrize("name", ["postgres", "redis", "prometheus", "grafana"])
def test_fault_9_one_pod_at_a_time_runs_on_a_volume_of_a_cluster(prod: Rendered, name: str) -> None:
    """A StatefulSet's pod has a fixed name, so the old one is gone before the new one starts."""
    controller = named(prod, "StatefulSet", f"ai-platform-{name}")
    assert controller["spec"]["replicas"] == 1
    assert f"HorizontalPodAutoscaler ai-platform-{name}" not in objects(prod)
    assert f"Deployment ai-platform-{name}" not in objects(prod)
    claim = ("PersistentVolumeClaim", f"ai-platform-{name}", "")
    assert claim in referenced(controller["spec"]["template"])


def test_fault_10_on_a_cluster_no_tag_is_latest(kubernetes: Rendered) -> None:
    images = {
        container["image"]
        for template in templates(kubernetes).values()
        for container in containers(template)
    }
    for image in images:
        assert re.search(r":[^:/]*\d[^:/]*$", image), image
        assert "latest" not in image, image


def test_fault_10_on_a_cluster_probes_use_the_kubelet_or_a_program_of_the_image(
    kubernetes: Rendered,
) -> None:
    """Only servers without HTTP are checked by a command, which their own image contains."""
    programs = {
        container["name"]: container[kind]["exec"]["command"][0]
        for template in templates(kubernetes).values()
        for container in containers(template)
        for kind in ("readinessProbe", "livenessProbe", "startupProbe")
        if "exec" in container.get(kind, {})
    }
    assert programs == {"postgres": "sh", "redis": "sh"}


@pytest.mark.parametrize("stack", ["dev", "debian", "own"])
def test_fault_10_no_tag_is_latest(stack: str, request: pytest.FixtureRequest) -> None:
    rendered: Rendered = request.getfixturevalue(stack)
    for image in rendered.of_type("RemoteImage").values():
        reference = image.inputs["name"]
        tag = reference.rpartition("/")[2].partition(":")[2]
        assert tag, reference
        assert "latest" not in tag, reference
        # Built images have the stack's name as tag, and change with their source.
        assert "triggers" in image.inputs or re.search(r"\d", tag), reference


def test_fault_10_health_checks_use_a_program_that_is_certainly_there(dev: Rendered) -> None:
    """Servers without HTTP are checked by a program of their own image."""
    busybox = "/run/ai-platform/busybox"
    programs = {
        name: inputs["healthcheck"]["tests"][1]
        for name, inputs in dev.containers().items()
        if "healthcheck" in inputs
    }
    assert programs == {
        name: "sh" if name in ("postgres", "redis") else busybox
        for name in dev.containers()
        if name not in ("tool-busybox", "postgres-restore", "postgres-schema")  # they end
    }
