"""What runs of a Kubernetes stack, as its cluster says."""

from types import SimpleNamespace as Thing
from typing import Any

import click
import pytest

from components.settings import Kubernetes
from operations import pods
from operations.engine import Running
from operations.workspace import Workspace

WANTED = Kubernetes(namespace="shop")
NAMESPACE = {
    "metadata": {"name": "shop", "annotations": {"ai-platform/cluster": "here"}},
}


def pod(name: str, *, phase: str = "Running", ready: bool = True, waits: str | None = None) -> Any:
    waiting = Thing(waiting=Thing(reason=waits) if waits else None)
    return Thing(
        metadata=Thing(
            name=f"ai-platform-{name}-0",
            labels={"app.kubernetes.io/name": name, "app.kubernetes.io/component": "tier"},
            deletion_timestamp=None,
        ),
        status=Thing(
            phase=phase,
            conditions=[Thing(type="Ready", status=str(ready))],
            container_statuses=[Thing(state=waiting)],
        ),
    )


class Core:
    """The client, which remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def list_namespaced_pod(self, namespace: str, **options: Any) -> Any:
        self.asked.append((namespace, options["label_selector"]))
        # A job that is done runs no more, and is well.
        assert options["field_selector"] == "status.phase!=Succeeded"
        broken = pod("backend", ready=False, waits="ImagePullBackOff")
        return Thing(items=[pod("web"), broken, pod("cache", ready=False)])

    def list_namespaced_persistent_volume_claim(self, namespace: str, **options: Any) -> Any:
        self.asked.append((namespace, options["label_selector"]))
        names = ("ai-platform-redis", "ai-platform-postgres")
        return Thing(items=[Thing(metadata=Thing(name=name)) for name in names])


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Core:
    core = Core()
    monkeypatch.setattr(pods, "_core", lambda wanted, workspace: core)
    return core


def test_a_pod_is_well_when_it_is_ready_and_else_says_why_not(core: Core) -> None:
    found = pods.pods(WANTED, Workspace.of("prod"))
    assert [(each.workload, each.health, each.well) for each in found] == [
        ("backend", "ImagePullBackOff", False),
        ("cache", "not ready", False),
        ("web", "healthy", True),
    ]
    assert isinstance(found[0], Running)


def test_only_what_belongs_to_the_stack_is_asked_for(core: Core) -> None:
    pods.pods(WANTED, Workspace.of("prod"))
    assert pods.claims(WANTED, Workspace.of("prod")) == [
        "ai-platform-postgres",
        "ai-platform-redis",
    ]
    mine = "app.kubernetes.io/part-of=ai-platform,app.kubernetes.io/instance=prod"
    assert core.asked == [("shop", mine)] * 2


@pytest.mark.parametrize(("here", "refused"), [("here", False), ("elsewhere", True)])
def test_a_stack_is_not_taken_down_through_another_clusters_context(
    here: str, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There its objects are not found, and what is not found counts as gone."""
    urn = "urn:pulumi:prod::ai-platform::kubernetes:core/v1:Namespace::shop"
    monkeypatch.setattr(Workspace, "resources", lambda self: {urn: {"outputs": NAMESPACE}})
    monkeypatch.setattr(pods, "_asked", lambda wanted, workspace: Thing(uid=here))
    if refused:
        with pytest.raises(
            click.ClickException, match=r"on the cluster here, and .* leads to elsewhere"
        ):
            pods.expect_own_cluster(WANTED, Workspace.of("prod"))
    else:
        pods.expect_own_cluster(WANTED, Workspace.of("prod"))
