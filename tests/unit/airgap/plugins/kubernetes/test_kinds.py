from __future__ import annotations

import pytest

from airgap.plugins.kubernetes.kinds import Kind
from airgap.plugins.resource import Failed


@pytest.mark.parametrize(
    ("token", "written"),
    [
        ("kubernetes:core/v1:ConfigMap", "v1/ConfigMap"),
        ("kubernetes:apps/v1:Deployment", "apps/v1/Deployment"),
        ("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", None),
        ("kubernetes:networking.k8s.io/v1:NetworkPolicy", None),
        ("kubernetes:postgresql.cnpg.io/v1:Cluster", None),
    ],
)
def test_a_type_token_names_a_kind(token: str, written: str | None) -> None:
    kind = Kind.of_token(token)
    assert str(kind) == written or token == f"kubernetes:{kind.api_version}:{kind.kind}"
    assert Kind.of({"apiVersion": kind.api_version, "kind": kind.kind}) == kind


@pytest.mark.parametrize(
    "token",
    [
        "kubernetes:helm.sh/v3:Release",
        "kubernetes:core/v1:NamespacePatch",
        "kubernetes:core/v1:ConfigMapList",
        "kubernetes:yaml:ConfigFile",
        "docker:index/network:Network",
    ],
)
def test_what_is_no_object_of_a_cluster_is_refused(token: str) -> None:
    with pytest.raises(Failed, match=f"has no resource type {token}"):
        Kind.of_token(token)


def test_kubernetes_own_kinds_are_told_from_custom_ones() -> None:
    assert Kind.of_token("kubernetes:networking.k8s.io/v1:Ingress").own
    assert Kind.of_token("kubernetes:core/v1:Secret").own
    assert not Kind.of_token("kubernetes:gateway.networking.k8s.io/v1:Gateway").own
    assert not Kind.of_token("kubernetes:monitoring.coreos.com/v1:ServiceMonitor").own
    # whose schema holds words that mean something else elsewhere
    assert not Kind.of_token("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition").own
