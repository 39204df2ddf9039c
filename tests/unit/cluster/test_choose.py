"""Which cluster a machine gets, from what was found."""

from dataclasses import replace
from pathlib import Path

import pytest

from airgap import decide, engine
from cluster import choose, node
from cluster.choose import Decision, Facts
from cluster.local_cluster import LocalCluster

BARE = Facts(own=False, engine=True, found=(), able=())
CONNECTED = replace(BARE, found=("k3d", "minikube"), able=("k3d", "minikube"))


def test_the_first_tool_that_is_able_is_used() -> None:
    assert choose.choose(CONNECTED) == Decision(tool="k3d", reason="k3d is on PATH, and able.")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (BARE, "None of kind, k3d, minikube is on PATH: our own cluster."),
        (replace(BARE, found=("kind",)), "kind: the registry of its node's image does not answer"),
        (replace(BARE, found=("kind",), engine=False), "kind: no Docker engine answers"),
        (replace(CONNECTED, own=True), "Our own cluster is here."),
    ],
)
def test_our_own_is_used_where_no_tool_is_able_or_it_is_here_already(
    facts: Facts, reason: str
) -> None:
    decision = choose.choose(facts)
    assert decision.tool is None
    assert decision.reason.startswith(reason)


def test_a_tool_is_able_where_the_registry_of_its_nodes_image_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = LocalCluster(folder=tmp_path)
    for tool in ("k3d", "minikube"):
        (tmp_path / tool).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engine, "answers", lambda: True)
    monkeypatch.setattr(node, "inspect", lambda local: None)
    answers = {"https://gcr.io/v2/": 401}
    monkeypatch.setattr(decide, "status", lambda url: answers.get(url, 0))
    assert choose.probe(local) == Facts(
        own=False, engine=True, found=("k3d", "minikube"), able=("minikube",)
    )
    monkeypatch.setattr(engine, "answers", lambda: False)
    assert choose.probe(local) == Facts(own=False, engine=False, found=("k3d", "minikube"), able=())
