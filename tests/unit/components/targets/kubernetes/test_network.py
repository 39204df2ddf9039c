"""From `reaches` to Services and policies; test_reaches.py computes what those let through."""

from typing import Any

from components.settings.kubernetes import Dns
from components.targets.kubernetes import network
from components.workload import Address, Identity, Image, Outside, Resources, Workload
from tests.unit.objects import Object, objects, templates
from tests.unit.rendering import Rendered

A_1 = Address(workload="a", port=1)


def selected(selector: Object, rendered: Rendered) -> set[str]:
    """The workloads whose pods a selector finds."""
    return {
        template["metadata"]["labels"]["app.kubernetes.io/name"]
        for template in templates(rendered).values()
        if selector.items() <= template["metadata"]["labels"].items()
    }


def test_every_policy_is_there_before_the_first_pod_of_its_workload(kubernetes: Rendered) -> None:
    for each in kubernetes.resources.values():
        if each.type.startswith("kubernetes:apps/"):
            assert {f"NetworkPolicy {each.name}", "NetworkPolicy deny-all"} <= each.depends_on


def test_one_policy_denies_everything_to_everybody(prod: Rendered) -> None:
    (deny,) = (
        each for name, each in objects(prod, "NetworkPolicy").items() if name.endswith("-deny-all")
    )
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_a_service_is_what_others_call_and_a_headless_one_is_for_discovery(
    kubernetes: Rendered,
) -> None:
    services = objects(kubernetes, "Service")
    for workload in kubernetes.workloads:
        ports = {port.number for each in workload.containers() for port in each.ports}
        found = services[f"Service ai-platform-{workload.name}"]
        assert {port["port"] for port in found["spec"]["ports"]} == ports
        assert {port["targetPort"] for port in found["spec"]["ports"]} == ports
        assert found["spec"]["type"] == "ClusterIP"


def test_prometheus_discovers_every_pod_by_name_ready_or_not(kubernetes: Rendered) -> None:
    services = objects(kubernetes, "Service")
    scraped = [each for each in kubernetes.workloads if any(c.scraped for c in each.containers())]
    for workload in scraped:
        name = f"Service ai-platform-{workload.metrics_of or workload.name}-metrics"
        spec = services[name]["spec"]
        assert spec["clusterIP"] == "None"
        assert spec["publishNotReadyAddresses"] is True
        assert selected(spec["selector"], kubernetes) == {workload.name}
    assert len([name for name in services if name.endswith("-metrics")]) == len(scraped)


def test_a_selector_finds_the_pods_of_one_workload(kubernetes: Rendered) -> None:
    for name, service in objects(kubernetes, "Service").items():
        assert len(selected(service["spec"]["selector"], kubernetes)) == 1, name
    for name, policy in objects(kubernetes, "NetworkPolicy").items():
        if not name.endswith(("-deny-all", "-certificate")):
            assert len(selected(policy["spec"]["podSelector"]["matchLabels"], kubernetes)) == 1, (
                name
            )


def small(name: str, *reached: Address | Outside) -> Workload:
    return Workload(
        name=name,
        tier="api",
        image=Image(reference="acme/app:1", identity=Identity(uid=1, gid=1)),
        resources=Resources(memory=64, cpu=0.1),
        reaches=reached,
    )


def spec(*workloads: Workload, controller: str | None = None, **dns: Any) -> dict[str, Any]:
    """The policy of the first of these workloads, which a host leads to on port 80."""
    entered = {workloads[0].name: 80}
    return network.policies(workloads, entered, controller, Dns(**dns))[workloads[0].name]


def test_an_edge_that_is_named_twice_is_one_rule() -> None:
    reach = Address(workload="b", port=1)
    to_b, dns = spec(small("a", reach, reach), small("b"))["egress"]
    assert to_b["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "b"
    assert dns["ports"] == [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]


def test_what_reaches_nothing_may_not_even_ask_for_names() -> None:
    assert spec(small("a"))["egress"] == []


def test_a_client_of_two_ports_is_one_rule_with_both() -> None:
    (rule,) = spec(small("a"), small("b", Address(workload="a", port=2), A_1))["ingress"]
    assert [port["port"] for port in rule["ports"]] == [1, 2]


def test_a_host_lets_in_the_controller_s_namespace_and_nobody_where_none_is_named() -> None:
    (rule,) = spec(small("a"), controller="traefik")["ingress"]
    assert rule == {
        "from": [
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "traefik"}}}
        ],
        "ports": [{"protocol": "TCP", "port": 80}],
    }
    assert spec(small("a"))["ingress"] == []


def test_dns_is_where_the_settings_say() -> None:
    *_, dns = spec(
        small("a", A_1), namespace="dns", labels={"app": "coredns"}, cidrs=["10.0.0.10/32"]
    )["egress"]
    assert dns["to"] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "dns"}},
            "podSelector": {"matchLabels": {"app": "coredns"}},
        },
        {"ipBlock": {"cidr": "10.0.0.10/32"}},
    ]


def test_an_outside_server_is_its_ranges_on_its_ports() -> None:
    mail = Outside(name="mail", ports=(25, 587), cidrs=("192.0.2.0/24", "198.51.100.0/24"))
    rule, _ = spec(small("a", mail))["egress"]
    assert rule == {
        "to": [{"ipBlock": {"cidr": cidr}} for cidr in mail.cidrs],
        "ports": [{"protocol": "TCP", "port": 25}, {"protocol": "TCP", "port": 587}],
    }


def test_no_range_reaches_a_cloud_s_metadata_but_one_that_names_it() -> None:
    cidrs = ("0.0.0.0/0", "169.254.0.0/16", "169.254.169.254/32", "10.0.0.0/8", "::/0")
    rule, _ = spec(small("a", Outside(name="x", ports=(80,), cidrs=cidrs)))["egress"]
    assert [each["ipBlock"] for each in rule["to"]] == [
        {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]},
        *({"cidr": cidr} for cidr in cidrs[1:]),
    ]
