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


NAMESPACE = "urn:pulumi:prod::ai-platform::kubernetes:core/v1:Namespace::ai-platform"
TIER = "urn:pulumi:prod::ai-platform::ai-platform:index:CacheTier::cache"


def namespace(**annotations: str) -> dict[str, Any]:
    return {"metadata": {"name": "ai-platform", "annotations": annotations}}


def test_the_cluster_is_an_output_of_the_tiers() -> None:
    outputs = {NAMESPACE: namespace(), TIER: {"cluster": "uid-1"}}
    assert from_outputs(outputs).cluster == "uid-1"
    # The state has a component's outputs beside its other fields.
    in_state = {TIER: {"urn": TIER, "outputs": {"cluster": "uid-1"}}}
    assert from_outputs(in_state).cluster == "uid-1"
    assert from_outputs({NAMESPACE: namespace(other="x"), TIER: {}}).cluster is None


def test_a_namespace_remembers_the_cluster_of_a_stack_without_tiers_or_of_an_earlier_version() -> (
    None
):
    old = namespace(**{"ai-platform/cluster": "uid-1"})
    assert from_outputs({TIER: {}, NAMESPACE: old}).cluster == "uid-1"
    assert from_outputs({NAMESPACE: old, TIER: {"cluster": "uid-2"}}).cluster == "uid-2"


def test_a_namespace_that_the_stack_created_is_known() -> None:
    assert from_outputs({NAMESPACE: namespace()}).created_namespace == "ai-platform"


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


def test_the_names_of_all_jobs_are_known() -> None:
    kind = "kubernetes:batch/v1:Job"
    outputs = {
        urn(kind, "a"): {"metadata": {"name": "a-1"}, "status": {"succeeded": 1, "failed": 1}},
        urn(kind, "b"): {"metadata": {"name": "b-1"}},
    }
    assert from_outputs(outputs).jobs == {"a-1", "b-1"}


def test_other_resources_are_ignored() -> None:
    password = urn("random:index/randomPassword:RandomPassword", "x")
    assert from_outputs({password: {"result": "y"}}) == LastDeployment()
