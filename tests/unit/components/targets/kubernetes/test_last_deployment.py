"""What the state says of the last update, from the outputs of its resources."""

from typing import Any

from components.targets.kubernetes.last_deployment import LastDeployment, from_outputs


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:prod::ai-platform::ai-platform:index:DataTier${kind}::{name}"


def claim(name: str, size: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {"resources": {"requests": {"storage": size}}},
    }


def test_a_new_stack_has_no_last_deployment() -> None:
    assert from_outputs({}) == LastDeployment()


def test_the_cluster_comes_from_the_namespaces_annotation() -> None:
    name = "urn:pulumi:prod::ai-platform::kubernetes:core/v1:Namespace::ai-platform"
    annotations = {"ai-platform/cluster": "uid-1", "other": "x"}
    namespace = {"metadata": {"name": "ai-platform", "annotations": annotations}}
    assert from_outputs({name: namespace}).cluster == "uid-1"
    assert from_outputs({name: {"metadata": {"name": "ai-platform"}}}).cluster is None


def test_claims_have_their_sizes_by_their_names_on_the_cluster() -> None:
    kind = "kubernetes:core/v1:PersistentVolumeClaim"
    outputs = {
        urn(kind, "postgres"): claim("ai-platform-postgres", "10Gi"),
        urn(kind, "redis"): claim("ai-platform-redis", "5Gi"),
    }
    assert from_outputs(outputs).claims == {
        "ai-platform-postgres": "10Gi",
        "ai-platform-redis": "5Gi",
    }


def test_an_operators_database_has_the_size_of_its_claims() -> None:
    name = urn("kubernetes:postgresql.cnpg.io/v1:Cluster", "postgres")
    cluster = {"metadata": {"name": "ai-platform-postgres"}, "spec": {"storage": {"size": "10Gi"}}}
    assert from_outputs({name: cluster}).claims == {"ai-platform-postgres": "10Gi"}


def test_jobs_that_succeeded_are_completed() -> None:
    kind = "kubernetes:batch/v1:Job"
    outputs = {
        urn(kind, "a"): {"metadata": {"name": "a-1"}, "status": {"succeeded": 1, "failed": 1}},
        urn(kind, "b"): {"metadata": {"name": "b-1"}, "status": {"failed": 2}},
        urn(kind, "c"): {"metadata": {"name": "c-1"}},
    }
    assert from_outputs(outputs).completed_jobs == {"a-1"}


def test_other_resources_are_ignored() -> None:
    password = urn("random:index/randomPassword:RandomPassword", "x")
    assert from_outputs({password: {"result": "y"}}) == LastDeployment()
