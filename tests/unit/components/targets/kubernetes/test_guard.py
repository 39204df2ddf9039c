"""Checks before any change: the cluster, the plugin, the sizes of claims, and names of secrets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pulumi
import pytest
import yaml

from components.container import Identity, Image, Resources, Step
from components.settings import ExistingSecret, Kubernetes, Plugins
from components.targets.kubernetes import guard
from components.targets.kubernetes.cluster import ReachableCluster
from components.targets.kubernetes.last_deployment import LastDeployment
from components.text import Secret, Text
from components.volumes import Volume
from components.workload import Workload
from tests.unit.describing import KUBERNETES
from tests.unit.objects import objects
from tests.unit.rendering import UID, Rendered, render

HERE = ReachableCluster(uid=str(UUID(int=1)), server="https://192.0.2.1:6443", client=None)
NEW = LastDeployment()
ELSEWHERE = LastDeployment(cluster="uid-elsewhere")
TIER = "urn:pulumi:dev::ai-platform::ai-platform:index:DataTier::data"
NAMESPACE = "urn:pulumi:dev::ai-platform::kubernetes:core/v1:Namespace::ai-platform"
CLAIM = (
    "urn:pulumi:dev::ai-platform::ai-platform:index:DataTier$"
    "kubernetes:core/v1:PersistentVolumeClaim::postgres"
)
FORMATS = {"postgres": "PostgreSQL 15"}


@pytest.fixture
def contexts() -> Iterator[list[str | None]]:
    """The contexts through which the program connected to a cluster."""
    contexts: list[str | None] = []

    def find(context: str | None, named: str | None) -> ReachableCluster:
        contexts.append(context)
        return HERE

    with patch.object(guard, "find", find):
        yield contexts


@pytest.fixture
def up() -> Iterator[None]:
    with patch("pulumi.runtime.is_dry_run", lambda: False):
        yield


def volume(size: str, name: str = "postgres") -> Volume:
    return Volume(name=name, path="/data", size=size)


def deployed(uid: str = UID, size: str = "10Gi") -> dict[str, Any]:
    """A stack's state, as its last update left it."""
    return {
        NAMESPACE: {"metadata": {"name": "ai-platform"}},
        TIER: {"cluster": uid},
        CLAIM: {
            "metadata": {"name": "ai-platform-postgres"},
            "spec": {"resources": {"requests": {"storage": size}}},
        },
    }


@pytest.mark.usefixtures("up")
def test_a_new_stack_goes_to_the_cluster_of_its_context(contexts: list[str | None]) -> None:
    assert guard.cluster(Kubernetes(context="acme"), NEW) is HERE
    assert contexts == ["acme"]


@pytest.mark.usefixtures("up", "contexts")
def test_a_stack_may_change_the_cluster_that_it_runs_on() -> None:
    assert guard.cluster(Kubernetes(), LastDeployment(cluster=HERE.uid)) is HERE


@pytest.mark.usefixtures("up", "contexts")
def test_the_error_for_another_cluster_names_both_and_how_to_move_the_stack() -> None:
    with pytest.raises(pulumi.RunError) as refusal:
        guard.cluster(Kubernetes(), ELSEWHERE)
    assert str(refusal.value) == (
        f"the stack runs on the cluster uid-elsewhere, but the context leads to {HERE.uid} at "
        "https://192.0.2.1:6443. Nothing was changed. Use the context of the stack's cluster; or, "
        f"to move the stack, set kubernetes.cluster to {HERE.uid} (docs/kubernetes.md)."
    )


@pytest.mark.usefixtures("up", "contexts")
def test_a_stack_moves_if_the_settings_name_the_new_cluster() -> None:
    assert guard.cluster(Kubernetes(cluster=HERE.uid), ELSEWHERE) is HERE


@pytest.mark.usefixtures("up", "contexts")
def test_a_new_stack_must_match_the_cluster_of_the_settings() -> None:
    with pytest.raises(pulumi.RunError, match="-000000000002"):
        guard.cluster(Kubernetes(cluster=str(UUID(int=2))), NEW)


@pytest.mark.usefixtures("up", "contexts")
def test_only_the_cluster_that_the_user_agreed_to_is_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(guard.CONFIRMED, HERE.uid)
    assert guard.cluster(Kubernetes(), NEW) is HERE
    monkeypatch.setenv(guard.CONFIRMED, "uid-shown")
    with pytest.raises(pulumi.RunError) as refusal:
        guard.cluster(Kubernetes(), NEW)
    assert str(refusal.value) == (
        f"make up asked about the cluster uid-shown, but the context now leads to {HERE.uid} at "
        "https://192.0.2.1:6443. Nothing was changed. Run make up again."
    )


def test_a_preview_connects_to_no_cluster(contexts: list[str | None]) -> None:
    with patch("pulumi.runtime.is_dry_run", lambda: True):
        assert guard.cluster(Kubernetes(context="acme"), ELSEWHERE) is None
    assert contexts == []


def test_a_claim_may_grow() -> None:
    last = LastDeployment(claims={"ai-platform-postgres": "10Gi"})
    guard.claims([volume("10Gi"), volume("11Gi"), volume("1Ti")], last)
    guard.claims([volume("10240Mi")], last)
    guard.claims([volume("1Gi", "redis")], last)


def test_the_error_for_shrinking_claims_names_all_of_them() -> None:
    last = LastDeployment(claims={"ai-platform-postgres": "10Gi", "ai-platform-redis": "1Ti"})
    with pytest.raises(pulumi.RunError) as refusal:
        guard.claims([volume("10239Mi"), volume("5Gi", "redis"), volume("1Gi", "other")], last)
    assert str(refusal.value) == (
        "a claim can grow but not shrink; nothing was changed. Set each `size` to at least the "
        "present one:\n"
        "postgres: 10239Mi is less than the 10Gi that the claim ai-platform-postgres has\n"
        "redis: 5Gi is less than the 1Ti that the claim ai-platform-redis has"
    )


@pytest.mark.parametrize("grown", ["12G", "12884901889", "12.5Gi", "13e9", "12884901889000m"])
def test_a_claim_that_was_resized_by_hand_may_use_any_notation(grown: str) -> None:
    last = LastDeployment(claims={"ai-platform-postgres": grown})
    guard.claims([volume("13Gi")], last)
    with pytest.raises(pulumi.RunError, match=f"10Gi is less than the {grown}"):
        guard.claims([volume("10Gi")], last)


VAULT = {"name": "vault", "key": "token"}


def test_the_error_for_an_unknown_secret_lists_the_stacks_secrets() -> None:
    existing = {name: ExistingSecret(**VAULT) for name in ("api-token", "api-tokn", "other")}
    with pytest.raises(pulumi.RunError) as refusal:
        guard.secrets(frozenset({"grafana-password", "api-token"}), existing)
    assert str(refusal.value) == (
        "2 wrong settings; nothing was changed. docs/configuration.md has every key.\n\n"
        "kubernetes.secrets.api-tokn\n"
        "  found    a secret that this stack does not have\n"
        "  allowed  api-token, grafana-password\n"
        "  nearest  api-token\n"
        "kubernetes.secrets.other\n"
        "  found    a secret that this stack does not have\n"
        "  allowed  api-token, grafana-password"
    )


def test_secrets_of_the_stack_are_accepted() -> None:
    names = frozenset({"grafana-password", "api-token"})
    guard.secrets(names, {"api-token": ExistingSecret(**VAULT)})
    guard.secrets(names, {})


def refused(stack: dict[str, Any], state: dict[str, Any]) -> Rendered:
    """What was registered before the program failed."""
    registered = Rendered()
    with (
        patch("tests.unit.rendering.Rendered", lambda: registered),
        pytest.raises(pulumi.RunError),
    ):
        render(stack, state=state)
    return registered


@pytest.mark.parametrize(
    ("stack", "state"),
    [
        (KUBERNETES, deployed(uid="uid-elsewhere")),
        ({**KUBERNETES, "data": {"size": "5Gi"}}, deployed()),
        ({**KUBERNETES, "kubernetes": {"create_namespace": False}}, deployed()),
        ({**KUBERNETES, "kubernetes": {"secrets": {"api-tokn": VAULT}}}, deployed()),
    ],
    ids=["another cluster", "a smaller claim", "no namespace of its own", "an unknown secret"],
)
def test_errors_come_before_any_object_is_registered(
    stack: dict[str, Any], state: dict[str, Any]
) -> None:
    registered = refused(stack, state)
    assert objects(registered) == {}
    assert registered.of_type("kubernetes") == {}


def test_the_tiers_and_the_namespace_of_a_valid_stack_remember_the_cluster() -> None:
    rendered = render({**KUBERNETES, "data": {"size": "20Gi"}}, state=deployed())
    assert rendered.components == {
        tier: {"cluster": UID, "formats": FORMATS if tier == "data" else {}}
        for tier in rendered.tiers()
    }
    (namespace,) = objects(rendered, "Namespace").values()
    assert namespace["metadata"]["annotations"]["ai-platform/cluster"] == UID


def test_a_preview_of_a_deployed_stack_keeps_the_remembered_cluster() -> None:
    rendered = render(KUBERNETES, state=deployed(uid="uid-elsewhere"), preview=True)
    assert rendered.components["data"] == {"cluster": "uid-elsewhere", "formats": FORMATS}
    (namespace,) = objects(rendered, "Namespace").values()
    assert namespace["metadata"]["annotations"]["ai-platform/cluster"] == "uid-elsewhere"


def test_a_preview_of_a_new_stack_remembers_no_cluster() -> None:
    assert render(KUBERNETES, preview=True).components["data"] == {"formats": FORMATS}


def test_a_namespace_that_the_stack_created_cannot_be_given_up() -> None:
    existing = Kubernetes(create_namespace=False, namespace="another")
    created = LastDeployment(created_namespace="ai-platform")
    guard.namespace(existing, NEW)
    guard.namespace(Kubernetes(), created)
    with pytest.raises(pulumi.RunError) as refusal:
        guard.namespace(existing, created)
    assert str(refusal.value) == (
        "the stack created the namespace ai-platform, and with kubernetes.create_namespace: false "
        "it would remove it, with all data. Nothing was changed. Set kubernetes.create_namespace "
        "to true."
    )


COMPILED = Plugins(kubernetes="4.25.0+compiled", contexts=["ai-platform-local"])


@pytest.mark.usefixtures("up")
def test_a_compiled_plugin_may_only_change_the_clusters_of_named_contexts() -> None:
    guard.plugin(COMPILED, "ai-platform-local")
    guard.plugin(Plugins(kubernetes="4.34.2"), "acme")
    with pytest.raises(pulumi.RunError) as refusal:
        guard.plugin(COMPILED, "acme")
    assert "may change only the clusters of these contexts: ai-platform-local" in str(refusal.value)
    assert "The stack's context is acme. Nothing was changed." in str(refusal.value)
    assert "add acme to plugins.contexts" in str(refusal.value)


@pytest.mark.usefixtures("up")
def test_without_a_context_in_the_settings_the_current_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    context = {"name": "acme", "context": {"cluster": "acme", "user": "acme"}}
    config = {
        "contexts": [context],
        "clusters": [{"name": "acme", "cluster": {"server": "https://192.0.2.1:6443"}}],
        "users": [{"name": "acme", "user": {"token": "unused"}}],
    }
    kubeconfig.write_text(yaml.safe_dump(config | {"current-context": "acme"}))
    with pytest.raises(pulumi.RunError, match="The stack's context is acme"):
        guard.plugin(COMPILED, None)
    # Without a context, `up` may run in a pod with that pod's account.
    kubeconfig.write_text(yaml.safe_dump(config))
    with pytest.raises(pulumi.RunError, match="The stack's context is in-cluster"):
        guard.plugin(COMPILED, None)


def test_a_preview_may_use_a_compiled_plugin_for_any_context() -> None:
    with patch("pulumi.runtime.is_dry_run", lambda: True):
        guard.plugin(COMPILED, "acme")


def test_a_steps_variable_cannot_combine_a_secret_of_the_cluster_with_text() -> None:
    """The pod fills such texts into files."""
    image = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
    small = Resources(memory=64, cpu=0.1)
    token = Secret(name="secret.token")
    step = Step(
        name="app-fill",
        image=image,
        resources=small,
        secret_env={
            "HEADER": Text(template="Bearer ${secret.token}", secrets=(token,)),
            "TOKEN": token.text,
        },
        asked_by="api.services.app.models.fill",
    )
    part = Workload(name="app", tier="api", image=image, resources=small, init=(step,))
    existing = {"secret.token": ExistingSecret(name="vault", key="token")}
    with pytest.raises(pulumi.RunError, match=r"\n\n\S+\.models\.fill\.env\.HEADER\n"):
        guard.variables([part], existing)
    guard.variables([part], {})
