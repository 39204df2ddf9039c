"""The Kubernetes target's settings."""

from typing import Any

import pytest

from tests.unit.components.settings.refusals import paths, refusal
from tests.unit.describing import KUBERNETES


def kubernetes(**config: Any) -> list[str]:
    return paths({**KUBERNETES, "kubernetes": config})


def test_a_kubernetes_stack_needs_nothing_but_a_repository() -> None:
    assert paths(KUBERNETES) == []


def test_tolerations_of_the_stack_are_checked() -> None:
    assert kubernetes(tolerations=[{"operator": "Exists"}, {}]) == [
        "kubernetes.tolerations.1.operator"
    ]


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"namespace": "Acme"}, "kubernetes.namespace"),
        ({"namespace": "-acme"}, "kubernetes.namespace"),
        ({"storage_class": "fast disk"}, "kubernetes.storage_class"),
        ({"pull_secret": "a b"}, "kubernetes.pull_secret"),
        # A login that may not read the cluster's identity relies on it.
        ({"cluster": ""}, "kubernetes.cluster"),
        ({"cluster": "acme-eu"}, "kubernetes.cluster"),
        ({"pull_budget": 0}, "kubernetes.pull_budget"),
        ({"dns": {"labels": {"k8s-app": "-"}}}, "kubernetes.dns.labels.k8s-app"),
        ({"dns": {"cidrs": ["169.254.20.10/33"]}}, "kubernetes.dns.cidrs.0"),
        ({"tolerations": [{"key": "a", "effect": "NoRun"}]}, "kubernetes.tolerations.0.effect"),
        ({"tolerations": [{"key": "a b"}]}, "kubernetes.tolerations.0.key"),
        ({"tolerations": [{"key": "a", "value": "-"}]}, "kubernetes.tolerations.0.value"),
        ({"node_selector": {"a b": "c"}}, "kubernetes.node_selector.a b"),
        ({"node_selector": {"a": "b c"}}, "kubernetes.node_selector.a"),
        ({"node_selector": {"/a": "b"}}, "kubernetes.node_selector./a"),
        ({"ingress": {"annotations": {"a/b/c": "d"}}}, "kubernetes.ingress.annotations.a/b/c"),
        ({"dns": {"labels": {"-": "a"}}}, "kubernetes.dns.labels.-"),
        ({"dns": {"namespace": "a.b"}}, "kubernetes.dns.namespace"),
        ({"api_server": {"ports": []}}, "kubernetes.api_server.ports"),
        (
            {"secrets": {"api-token": {"name": "a..b", "key": "k"}}},
            "kubernetes.secrets.api-token.name",
        ),
        (
            {"secrets": {"api-token": {"name": "a", "key": ".."}}},
            "kubernetes.secrets.api-token.key",
        ),
    ],
)
def test_values_that_the_api_would_reject_are_rejected_first(
    config: dict[str, Any], path: str
) -> None:
    assert kubernetes(**config) == [path]


def test_a_wrong_key_is_reported_with_all_other_problems() -> None:
    message = refusal({**KUBERNETES, "images": {}, "kubernetes": {"node_selector": {"a b": "c"}}})
    assert message.startswith("2 wrong settings")
    assert "kubernetes.node_selector.a b\n  found    'a b'\n  allowed  a key such as" in message
    assert "images.repository" in message


def test_an_empty_list_of_address_ranges_is_rejected() -> None:
    """An empty list lets a policy allow all destinations."""
    service = {"image": "acme/app:1", "outside": [{"name": "x", "ports": [443], "cidrs": []}]}
    assert kubernetes(api_server={"cidrs": []}) == ["kubernetes.api_server.cidrs"]
    assert paths({**KUBERNETES, "api": {"services": {"reports": service}}}) == [
        "api.services.reports.outside.0.cidrs"
    ]


@pytest.mark.parametrize("name", ["default", "kube-system", "acme.prod", "a" * 64])
def test_the_namespace_cannot_be_one_of_the_clusters_own(name: str) -> None:
    """`up` denies all traffic in it, and `PURGE=1` removes it."""
    assert kubernetes(namespace=name) == ["kubernetes.namespace"]
    assert kubernetes(namespace="acme-prod") == []


def test_the_login_of_a_registry_is_given_in_one_way() -> None:
    registry = {"url": "mirror.example.com", "user": "puller", "password": "given"}
    pulling = {**KUBERNETES, "kubernetes": {"pull_secret": "mirror"}}
    assert paths({**pulling, "registry": {"url": "mirror.example.com"}}) == []
    assert paths({**pulling, "registry": registry}, secret=("registry",)) == [
        "kubernetes.pull_secret"
    ]
