"""What a NetworkPolicy means, in small examples; test_reaches.py computes the rendered ones."""

from typing import Any

import pytest

from tests.unit.objects import Object
from tests.unit.policies import Endpoint, reaches

A = Endpoint(name="a", namespace="n", labels={"app": "a"}, address="10.0.0.1")
B = Endpoint(name="b", namespace="n", labels={"app": "b"}, address="10.0.0.2", ports={"http": 80})
ELSEWHERE = Endpoint(name="a", namespace="m", labels={"app": "a"}, address="10.0.0.3")
OUTSIDE = Endpoint(name="outside", address="203.0.113.7")
PODS_A = {"podSelector": {"matchLabels": {"app": "a"}}}


def policy(**spec: Any) -> Object:
    return {"metadata": {"name": "p", "namespace": "n"}, "spec": {"podSelector": {}} | spec}


def into_b(*rules: dict[str, Any]) -> list[Object]:
    return [policy(podSelector={"matchLabels": {"app": "b"}}, ingress=list(rules))]


def test_without_a_policy_every_pod_reaches_every_pod() -> None:
    assert reaches([], A, B, 80)
    assert reaches([], OUTSIDE, B, 80)


@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_a_policy_without_rules_denies_its_direction(direction: str) -> None:
    assert not reaches([policy(policyTypes=[direction])], A, B, 80)


def test_a_policy_applies_to_its_namespace_only() -> None:
    deny = [policy(policyTypes=["Ingress", "Egress"])]
    assert reaches(deny, ELSEWHERE, OUTSIDE, 80)
    assert not reaches(deny, A, ELSEWHERE, 80)


def test_without_types_a_policy_covers_ingress_and_egress_if_it_has_rules_for_it() -> None:
    assert not reaches([policy()], OUTSIDE, A, 80)
    assert reaches([policy()], A, OUTSIDE, 80)
    assert not reaches([policy(egress=[{"to": [PODS_A]}])], A, OUTSIDE, 80)


def test_policies_add_up() -> None:
    deny = policy(policyTypes=["Ingress"])
    assert reaches([deny, *into_b({"from": [PODS_A]})], A, B, 80)
    assert not reaches([deny, *into_b({"from": [PODS_A]})], B, A, 80)


def test_an_empty_rule_allows_everything() -> None:
    assert reaches(into_b({}), OUTSIDE, B, 80)
    assert reaches(into_b({"from": [], "ports": []}), OUTSIDE, B, 80)


def test_a_pod_selector_alone_selects_in_the_policys_namespace() -> None:
    rules = into_b({"from": [PODS_A]})
    assert reaches(rules, A, B, 80)
    assert not reaches(rules, ELSEWHERE, B, 80)
    assert not reaches(rules, OUTSIDE, B, 80)


def test_a_namespace_selector_alone_selects_every_pod_there() -> None:
    named = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "m"}}}
    assert reaches(into_b({"from": [named]}), ELSEWHERE, B, 80)
    assert not reaches(into_b({"from": [named]}), A, B, 80)
    every: dict[str, Any] = {"namespaceSelector": {}}
    assert reaches(into_b({"from": [every]}), ELSEWHERE, B, 80)
    assert not reaches(into_b({"from": [every]}), OUTSIDE, B, 80)


def test_both_selectors_of_a_peer_must_match_or_either_of_two_peers() -> None:
    namespace = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "m"}}}
    pods_b = {"podSelector": {"matchLabels": {"app": "b"}}}
    assert not reaches(into_b({"from": [namespace | pods_b]}), ELSEWHERE, B, 80)
    assert reaches(into_b({"from": [namespace, pods_b]}), ELSEWHERE, B, 80)


def test_an_ip_block_has_exceptions() -> None:
    block = {"ipBlock": {"cidr": "203.0.113.0/24", "except": ["203.0.113.4/30"]}}
    assert not reaches(into_b({"from": [block]}), OUTSIDE, B, 80)
    block["ipBlock"]["except"] = ["203.0.113.8/30"]
    assert reaches(into_b({"from": [block]}), OUTSIDE, B, 80)
    assert not reaches(into_b({"from": [block]}), A, B, 80)


@pytest.mark.parametrize(
    ("port", "tcp", "udp"),
    [
        ({"port": 80}, True, False),
        ({"port": 81}, False, False),
        ({"port": 79, "endPort": 81}, True, False),
        ({"port": 81, "endPort": 90}, False, False),
        ({"port": "http"}, True, False),
        ({"port": "https"}, False, False),
        ({"protocol": "UDP"}, False, True),
        ({"protocol": "UDP", "port": 80}, False, True),
    ],
)
def test_ports_are_numbers_ranges_or_names_with_a_protocol(
    port: dict[str, Any], tcp: bool, udp: bool
) -> None:
    rules = into_b({"ports": [port]})
    assert reaches(rules, A, B, 80) is tcp
    assert reaches(rules, A, B, 80, "UDP") is udp


@pytest.mark.parametrize(
    ("operator", "values", "selected"),
    [
        ("In", ["a", "x"], True),
        ("In", ["x"], False),
        ("NotIn", ["x"], True),
        ("NotIn", ["a"], False),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
    ],
)
def test_a_selector_may_be_an_expression(operator: str, values: list[str], selected: bool) -> None:
    expression = {"key": "app", "operator": operator, "values": values}
    peer = {"podSelector": {"matchExpressions": [expression]}}
    assert reaches(into_b({"from": [peer]}), A, B, 80) is selected


def test_an_unknown_operator_is_an_error() -> None:
    peer = {"podSelector": {"matchExpressions": [{"key": "app", "operator": "Like"}]}}
    with pytest.raises(ValueError, match="Like"):
        reaches(into_b({"from": [peer]}), A, B, 80)
