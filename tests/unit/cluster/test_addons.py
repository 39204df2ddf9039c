"""The add-ons of every cluster, with a fake for the node."""

from pathlib import Path

import pytest

from cluster import addons, node
from cluster.local_cluster import LocalCluster


def test_every_node_and_deployment_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(node, "inside", lambda cluster, *words: commands.append(words))
    cluster = LocalCluster(name="try", folder=tmp_path)
    addons.apply(cluster)
    addons.wait(cluster, ["try-2"])
    assert commands[0] == (addons.APPLY,)
    assert [words[4:-1] for words in commands[1:3]] == [
        ("--for=create", "node/try", "node/try-2"),
        ("--for=condition=Ready", "node/try", "node/try-2"),
    ]
    assert [words[-2] for words in commands[3:]] == [
        f"deployment/{name}" for name in addons.DEPLOYMENTS
    ]
    assert {words[-1] for words in commands[1:]} == {f"--timeout={addons.READY_SECONDS}s"}
