"""NetworkPolicies from `reaches`; test_reaches.py computes which connections they allow."""

from typing import Any

from components.addresses import Address, Neighbour, Outside, Reach
from components.container import Container, Identity, Image, Port, Resources
from components.settings import Dns, Ingress, Kubernetes
from components.targets.kubernetes import naming, policies
from components.workload import Workload
from tests.unit.objects import Object, named, objects, templates
from tests.unit.rendering import Rendered

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)
A_1 = Address(workload="a", port=1)


def selected(selector: Object, rendered: Rendered) -> set[str]:
    """The workloads whose pods a selector selects."""
    return {
        template["metadata"]["labels"]["app.kubernetes.io/name"]
        for template in templates(rendered).values()
        if selector.items() <= template["metadata"]["labels"].items()
    }


def test_every_policy_exists_before_the_first_pod_of_its_workload(kubernetes: Rendered) -> None:
    for resource in kubernetes.resources.values():
        if resource.type.startswith("kubernetes:apps/"):
            own_policy = f"NetworkPolicy {resource.name}"
            assert {own_policy, "NetworkPolicy deny-all"} <= resource.depends_on


def test_one_policy_denies_all_traffic(prod: Rendered) -> None:
    deny_all = named(prod, "NetworkPolicy", "ai-platform-deny-all")
    assert deny_all["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_a_policy_selects_the_pods_of_one_workload(kubernetes: Rendered) -> None:
    for name, network_policy in objects(kubernetes, "NetworkPolicy").items():
        if not name.endswith(("-deny-all", "-certificate")):
            selector = network_policy["spec"]["podSelector"]["matchLabels"]
            assert len(selected(selector, kubernetes)) == 1, name


def small(name: str, *reached: Reach, **fields: Any) -> Workload:
    return Workload(
        name=name,
        tier="api",
        image=IMAGE,
        resources=SMALL,
        reaches=reached,
        **fields,
    )


def policy(
    *workloads: Workload,
    controller: str | None = None,
    monitored_from: str | None = None,
    operated: policies.Selectors | None = None,
    **dns: Any,
) -> dict[str, Any]:
    """The policy of the first of these workloads, which has a host on port 80."""
    rules = policies.Rules(
        parts=workloads,
        settings=Kubernetes(ingress=Ingress(controller_namespace=controller), dns=Dns(**dns)),
        entered={workloads[0].name: 80},
        operated=operated or {},
        monitored_from=monitored_from,
    )
    return policies.policy(workloads[0], rules)


def test_a_server_that_is_listed_twice_is_one_rule() -> None:
    reach = Address(workload="b", port=1)
    to_b, dns = policy(small("a", reach, reach), small("b"))["egress"]
    assert to_b["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "b"
    assert dns["ports"] == [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]


def test_a_part_that_reaches_nothing_may_not_use_dns() -> None:
    assert policy(small("a"))["egress"] == []


def test_a_client_of_two_ports_is_one_rule_with_both() -> None:
    (rule,) = policy(small("a"), small("b", Address(workload="a", port=2), A_1))["ingress"]
    assert [port["port"] for port in rule["ports"]] == [1, 2]


def test_a_host_allows_the_controllers_namespace_if_there_is_one() -> None:
    (rule,) = policy(small("a"), controller="traefik")["ingress"]
    assert rule == {
        "from": [
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "traefik"}}}
        ],
        "ports": [{"protocol": "TCP", "port": 80}],
    }
    assert policy(small("a"))["ingress"] == []


def test_the_settings_say_where_dns_is() -> None:
    *_, dns = policy(
        small("a", A_1), namespace="dns", labels={"app": "coredns"}, cidrs=["10.0.0.10/32"]
    )["egress"]
    assert dns["to"] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "dns"}},
            "podSelector": {"matchLabels": {"app": "coredns"}},
        },
        {"ipBlock": {"cidr": "10.0.0.10/32"}},
    ]


def test_an_outside_server_is_a_rule_with_its_ranges_and_ports() -> None:
    mail = Outside(name="mail", ports=(25, 587), cidrs=("192.0.2.0/24", "198.51.100.0/24"))
    rule, _ = policy(small("a", mail))["egress"]
    assert rule == {
        "to": [{"ipBlock": {"cidr": cidr}} for cidr in mail.cidrs],
        "ports": [{"protocol": "TCP", "port": 25}, {"protocol": "TCP", "port": 587}],
    }


def blocks(*cidrs: str) -> list[dict[str, Any]]:
    """What a policy says about a server with these ranges."""
    rule, _ = policy(small("a", Outside(name="x", ports=(80,), cidrs=cidrs)))["egress"]
    return [block["ipBlock"] for block in rule["to"]]


def test_a_range_excludes_the_private_networks_in_it_and_a_clouds_metadata() -> None:
    private = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]
    assert blocks("0.0.0.0/0", "::/0") == [
        {"cidr": "0.0.0.0/0", "except": private},
        {"cidr": "::/0", "except": ["fc00::/7", "fe80::/10"]},
    ]
    assert blocks("172.0.0.0/8") == [{"cidr": "172.0.0.0/8", "except": ["172.16.0.0/12"]}]


def test_a_private_network_is_reached_if_a_range_names_it_or_a_part_of_it() -> None:
    assert blocks("10.0.0.0/8", "169.254.169.254/32", "192.168.7.0/24") == [
        {"cidr": cidr} for cidr in ("10.0.0.0/8", "169.254.169.254/32", "192.168.7.0/24")
    ]
    everything, named = blocks("0.0.0.0/0", "10.0.0.0/8")
    assert "10.0.0.0/8" not in everything["except"]
    assert named == {"cidr": "10.0.0.0/8"}


def test_a_server_without_ranges_is_not_reached() -> None:
    """In a policy, no destination would mean every one."""
    assert policy(small("a", Outside(name="x", ports=(80,))))["egress"] == []


def test_an_operators_address_is_reached_by_the_operators_labels() -> None:
    labels = {"cnpg.io/cluster": "ai-platform-a"}
    rule, _ = policy(small("b", A_1), operated={"a": labels})["egress"]
    assert rule["to"] == [{"podSelector": {"matchLabels": labels}}]


def test_a_neighbour_is_a_rule_with_its_namespace_and_ports() -> None:
    rule, _ = policy(small("a", Neighbour(namespace="monitoring", ports=(9090,))))["egress"]
    assert rule == {
        "to": [
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
        ],
        "ports": [{"protocol": "TCP", "port": 9090}],
    }


def test_an_operated_prometheus_may_reach_metrics_only() -> None:
    metrics = Port(name="metrics", number=9113, metrics="/metrics")
    sidecar = Container(name="exporter", image=IMAGE, resources=SMALL, ports=(metrics,))
    web = small("web", ports=(Port(name="http", number=80),), sidecars=(sidecar,))
    (rule,) = policy(web, monitored_from="watchers")["ingress"]
    assert rule == {
        "from": [
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "watchers"}}}
        ],
        "ports": [{"protocol": "TCP", "port": 9113}],
    }
    assert policy(small("a"), monitored_from="watchers")["ingress"] == []


def test_a_policy_is_about_the_pods_of_its_part_in_both_directions() -> None:
    spec = policy(small("a"))
    assert spec["podSelector"] == {"matchLabels": naming.selector("a")}
    assert spec["policyTypes"] == ["Ingress", "Egress"]


def test_the_challenge_solver_allows_the_controllers_namespace() -> None:
    assert policies.solver("traefik") == {
        "podSelector": {"matchLabels": {"acme.cert-manager.io/http01-solver": "true"}},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [
                    {
                        "namespaceSelector": {
                            "matchLabels": {"kubernetes.io/metadata.name": "traefik"}
                        }
                    }
                ],
                "ports": [{"protocol": "TCP", "port": 8089}],
            }
        ],
    }
    assert policies.solver(None)["ingress"] == []
