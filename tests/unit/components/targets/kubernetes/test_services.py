"""The Services of a workload: for clients of ready pods, of all pods, and for Prometheus."""

from components.container import Container, Identity, Image, Port, Resources
from components.targets.kubernetes import naming, services
from components.workload import Workload
from tests.unit.objects import Object, objects, templates
from tests.unit.rendering import Rendered

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)
SIDECAR = Container(
    name="exporter",
    image=IMAGE,
    resources=SMALL,
    ports=(Port(name="metrics", number=9113, metrics="/metrics"),),
)
WORKLOAD = Workload(
    name="app",
    tier="api",
    image=IMAGE,
    resources=SMALL,
    ports=(Port(name="http", number=80),),
    sidecars=(SIDECAR,),
)


def selected(selector: Object, rendered: Rendered) -> set[str]:
    """The workloads whose pods a selector selects."""
    return {
        template["metadata"]["labels"]["app.kubernetes.io/name"]
        for template in templates(rendered).values()
        if selector.items() <= template["metadata"]["labels"].items()
    }


def test_a_service_has_every_port_of_the_workload_and_of_its_sidecars() -> None:
    assert services.service(WORKLOAD) == {
        "type": "ClusterIP",
        "selector": naming.selector("app"),
        "ports": [
            {"name": "http", "port": 80, "targetPort": 80, "protocol": "TCP"},
            {"name": "metrics", "port": 9113, "targetPort": 9113, "protocol": "TCP"},
        ],
    }


def test_a_headless_service_includes_pods_that_are_not_ready() -> None:
    assert services.headless({"app": "x"}, [("metrics", 9113)]) == {
        "type": "ClusterIP",
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": {"app": "x"},
        "ports": [{"name": "metrics", "port": 9113, "targetPort": 9113, "protocol": "TCP"}],
    }


def test_clients_reach_a_workload_through_its_service(kubernetes: Rendered) -> None:
    rendered = objects(kubernetes, "Service")
    for workload in kubernetes.workloads:
        ports = {port.number for container in workload.containers() for port in container.ports}
        spec = rendered[f"Service ai-platform-{workload.name}"]["spec"]
        assert {port["port"] for port in spec["ports"]} == ports
        assert {port["targetPort"] for port in spec["ports"]} == ports
        assert spec["type"] == "ClusterIP"


def test_prometheus_discovers_pods_that_are_not_ready(kubernetes: Rendered) -> None:
    rendered = objects(kubernetes, "Service")
    scraped = [target for part in kubernetes.workloads for target in part.scrape_targets()]
    assert scraped
    for target in scraped:
        spec = rendered[f"Service ai-platform-{target.name}-metrics"]["spec"]
        assert spec["clusterIP"] == "None"
        assert spec["publishNotReadyAddresses"] is True
        assert [port["port"] for port in spec["ports"]] == [target.address.port]
        assert selected(spec["selector"], kubernetes) == {target.address.workload}
    assert len([name for name in rendered if name.endswith("-metrics")]) == len(scraped)


def test_clients_also_find_pods_that_are_not_ready_of_a_workload_that_says_what_is_down(
    kubernetes: Rendered,
) -> None:
    rendered = objects(kubernetes, "Service")
    servers = [workload for workload in kubernetes.workloads if workload.reached_unready]
    names = {name for name in rendered if name.endswith("-all")}
    assert names == {f"Service ai-platform-{server.name}-all" for server in servers}
    for server in servers:
        spec = rendered[f"Service ai-platform-{server.name}-all"]["spec"]
        assert spec == services.headless(spec["selector"], [("http", 8000)])
        assert selected(spec["selector"], kubernetes) == {server.name}


def test_a_service_selects_the_pods_of_one_workload(kubernetes: Rendered) -> None:
    for name, service in objects(kubernetes, "Service").items():
        assert len(selected(service["spec"]["selector"], kubernetes)) == 1, name
