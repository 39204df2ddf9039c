"""Which tool makes the cluster, from the tools that are available."""

from dataclasses import replace
from pathlib import Path

import pytest

from airgap import availability, engine
from cluster import choose_tool, node
from cluster.choose_tool import AvailableTools, ToolChoice
from cluster.local_cluster import LocalCluster

NO_TOOL = AvailableTools(own_cluster=False, engine=True, on_path=(), usable=())
CONNECTED = replace(NO_TOOL, on_path=("k3d", "minikube"), usable=("k3d", "minikube"))


def test_the_first_usable_tool_is_chosen() -> None:
    assert choose_tool.choose(CONNECTED) == ToolChoice(
        tool="k3d", reason="k3d is on PATH and can pull its node image."
    )


@pytest.mark.parametrize(
    ("available", "reason"),
    [
        (NO_TOOL, "None of kind, k3d, minikube is on PATH. This machine builds its own cluster."),
        (
            replace(NO_TOOL, on_path=("kind",)),
            "kind: the registry of the node image does not answer. "
            "This machine builds its own cluster.",
        ),
        (
            replace(NO_TOOL, on_path=("kind",), engine=False),
            "kind: no Docker engine answers. This machine builds its own cluster.",
        ),
        (replace(CONNECTED, own_cluster=True), "Our own cluster exists."),
    ],
)
def test_our_own_cluster_is_chosen_where_it_exists_or_no_tool_is_usable(
    available: AvailableTools, reason: str
) -> None:
    assert choose_tool.choose(available) == ToolChoice(tool=None, reason=reason)


def test_a_tool_is_usable_where_the_registry_of_its_node_image_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = LocalCluster(folder=tmp_path)
    for tool in ("k3d", "minikube"):
        (tmp_path / tool).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engine, "answers", lambda: True)
    monkeypatch.setattr(node, "inspect", lambda cluster: None)
    statuses = {"https://gcr.io/v2/": 401}
    monkeypatch.setattr(availability, "http_status", lambda url: statuses.get(url, 0))
    available = AvailableTools(
        own_cluster=False, engine=True, on_path=("k3d", "minikube"), usable=("minikube",)
    )
    assert choose_tool.check(cluster) == available
    monkeypatch.setattr(engine, "answers", lambda: False)
    assert choose_tool.check(cluster) == replace(available, engine=False, usable=())
