"""What runs on every cluster, with a fake for the node."""

from pathlib import Path

import pytest

from cluster import addons, node
from cluster.local_cluster import LocalCluster


def test_everything_is_applied_and_then_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(node, "inside", lambda local, *words: asked.append(words))
    local = LocalCluster(name="try", folder=tmp_path)
    addons.apply(local)
    addons.wait(local, ["try-2"])
    assert asked[0] == (addons.APPLY,)
    assert [words[4:-1] for words in asked[1:3]] == [
        ("--for=create", "node/try", "node/try-2"),
        ("--for=condition=Ready", "node/try", "node/try-2"),
    ]
    assert [words[-2] for words in asked[3:]] == [
        f"deployment/{name}" for name in addons.DEPLOYMENTS
    ]
    assert {words[-1] for words in asked[1:]} == {f"--timeout={addons.READY_SECONDS}s"}
