"""Where `up` of a stack on a cluster goes, and the question before it."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
import yaml

from cluster.local_cluster import LocalCluster, directory
from components.settings import Kubernetes
from operations import destination, kubernetes_stack
from operations.destination import Destination
from operations.plan.previews import Deployed
from operations.plan.resources import Resource
from operations.workspace import Workspace

LOCAL, OTHER = "https://127.0.0.1:6443", "https://k8s.example.com"
URN = "urn:pulumi:prod::ai-platform::kubernetes:core/v1:Service::redis"
REDIS = {URN: Resource(urn=URN, inputs={"spec": {"clusterIP": "None"}})}
NEW = Deployed(base={}, head=REDIS, steps={URN: "created"})
UNCHANGED = Deployed(base=REDIS, head=REDIS, steps={})
ACME = Destination(context="acme-eu", uid="uid", server=OTHER, namespace="shop")


@pytest.fixture
def server(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Chooses the API server that the context leads to. The cluster of `make cluster` exists."""
    kubeconfig = LocalCluster(folder=directory()).kubeconfig
    kubeconfig.parent.mkdir(parents=True)
    kubeconfig.write_text(yaml.safe_dump({"clusters": [{"cluster": {"server": LOCAL}}]}))
    monkeypatch.setattr(
        kubernetes_stack, "context", lambda kubernetes, workspace: kubernetes.context or "current"
    )

    def choose(url: str) -> None:
        cluster = SimpleNamespace(server=url, uid="uid")
        monkeypatch.setattr(kubernetes_stack, "cluster", lambda *_: cluster)

    return choose


def refusal(stack: str) -> str:
    with pytest.raises(click.ClickException) as raised:
        destination.find(Kubernetes(), Workspace.of(stack))
    return raised.value.message


def test_a_stack_goes_to_the_cluster_of_its_context(server: Any) -> None:
    server(OTHER)
    kubernetes = Kubernetes(context="acme-eu", namespace="shop")
    assert destination.find(kubernetes, Workspace.of("prod")) == ACME


def test_a_stack_does_not_take_the_try_out_clusters_context_because_it_is_the_current_one(
    server: Any,
) -> None:
    server(LOCAL)
    assert refusal("prod") == (
        f"the current context current leads to {LOCAL}, which is the cluster of make cluster. That "
        "cluster is for the stack local, and not by default for prod. Nothing was changed. Name "
        "the stack's context with kubernetes.context."
    )
    assert "not by default for acme/prod" in refusal("acme/prod")
    named = Kubernetes(context="ai-platform-local")
    assert destination.find(named, Workspace.of("prod")).server == LOCAL


def test_the_try_out_stack_does_not_take_another_clusters_context(server: Any) -> None:
    server(OTHER)
    assert "The stack local is for that cluster alone. Nothing was changed." in refusal("local")
    server(LOCAL)
    assert destination.find(Kubernetes(), Workspace.of("local")).server == LOCAL


@pytest.fixture(autouse=True)
def cluster_of_the_state(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cluster that the stack's state remembers, at most one."""
    clusters: list[str] = []
    monkeypatch.setattr(kubernetes_stack, "own_cluster", lambda _: next(iter(clusters), None))
    return clusters


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """The answers of a person at a terminal, in order."""
    answers: list[bool] = []
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(click, "confirm", lambda question: print(question) or answers.pop(0))
    return answers


def test_the_first_up_shows_the_plan_and_asks_about_the_cluster(
    answers: list[bool], capsys: pytest.CaptureFixture[str]
) -> None:
    answers += [True, False]
    workspace = Workspace.of("prod")
    destination.confirm(workspace, ACME, NEW, yes=False)
    output = capsys.readouterr().out
    assert "created  Service redis" in output
    assert "clusterIP" not in output, "the fields of a new resource take too many lines"
    assert (
        "The stack prod is new. Deploy it for the first time to the cluster at "
        "https://k8s.example.com (context acme-eu, namespace shop)?" in output
    )
    with pytest.raises(click.ClickException, match="Nothing was changed"):
        destination.confirm(workspace, ACME, NEW, yes=False)
    assert answers == []


def test_a_later_up_asks_about_the_change(
    answers: list[bool], cluster_of_the_state: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    cluster_of_the_state.append("uid")
    answers.append(True)
    destination.confirm(Workspace.of("prod"), ACME, NEW, yes=False)
    assert f"Change the stack prod as shown, on {ACME}?" in capsys.readouterr().out


def test_a_plan_without_changes_is_not_asked_about(
    answers: list[bool], capsys: pytest.CaptureFixture[str]
) -> None:
    destination.confirm(Workspace.of("prod"), ACME, UNCHANGED, yes=False)
    assert f"Nothing changes on {ACME}." in capsys.readouterr().out


def test_machines_must_say_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    workspace = Workspace.of("prod")
    with pytest.raises(click.UsageError, match="YES=1") as refusal:
        destination.confirm(workspace, ACME, NEW, yes=False)
    assert refusal.value.exit_code == 2
    assert "Nothing was changed." in refusal.value.message
    destination.confirm(workspace, ACME, UNCHANGED, yes=False)
    destination.confirm(workspace, ACME, NEW, yes=True)
    assert f"to {ACME}? YES=1" in capsys.readouterr().out
