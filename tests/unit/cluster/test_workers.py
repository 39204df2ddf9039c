"""The nodes beside the first, with a fake for the engine."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from airgap import built
from airgap.built import Built
from airgap.command import AirgapError
from cluster import container, node, workers
from cluster.local_cluster import LocalCluster


class Engine:
    """The names of the further nodes, and what was asked of the engine and of the first node."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.asked: list[str] = []
        self.drains = True

    def run(self, *words: str | Path) -> str:
        if words[1] == "ps":
            return "\n".join(["try", *self.nodes])
        self.asked.append(" ".join(map(str, words[1:])))
        return ""

    def inside(self, local: LocalCluster, *words: str) -> str:
        self.asked.append("in the first: " + " ".join(words))
        return ""

    def succeeds(self, *words: str) -> bool:
        self.asked.append(" ".join(words[1:]))
        return self.drains

    def make(self, name: str, wanted: list[str], report: container.Report) -> bool:
        self.asked.append(f"make {name}")
        return name not in self.nodes

    def start(self, name: str, report: container.Report) -> None:
        self.asked.append(f"start {name}")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    image = Built(id="sha256:one", source="", created=datetime.now(UTC), size=0)
    monkeypatch.setattr(built, "expect", lambda reference: image)
    monkeypatch.setattr(workers, "run", engine.run)
    monkeypatch.setattr(workers, "succeeds", engine.succeeds)
    monkeypatch.setattr(node, "inside", engine.inside)
    monkeypatch.setattr(node, "inspect", lambda local: {"Id": "first"})
    monkeypatch.setattr(container, "make", engine.make)
    monkeypatch.setattr(container, "start", engine.start)
    monkeypatch.setattr(container, "remove", lambda name: engine.asked.append(f"remove {name}"))
    return engine


@pytest.fixture
def local(tmp_path: Path) -> LocalCluster:
    return LocalCluster(name="try", folder=tmp_path)


def test_the_container_finds_the_first_node_and_publishes_nothing(local: LocalCluster) -> None:
    assert workers.creation(local, "try-2", "first", "sha256:one") == [
        "--name=try-2",
        "--hostname=try-2",
        "--label=ai-platform.cluster=try",
        "--restart=unless-stopped",
        "--link=first:try",
        "--env=FIRST_NODE=try",
        "--volume=try-2:/var/lib/cluster",
        "--tmpfs=/run:exec",
        "--env=REGISTRY=localhost:5000",
        *container.RIGHTS,
        "sha256:one",
    ]


def test_a_node_joins_with_credentials_that_the_first_one_makes(
    engine: Engine, local: LocalCluster
) -> None:
    workers.ensure(local, 2, print)
    made, script, fetched, handed, forgotten, started = engine.asked
    assert (made, started) == ("make try-2", "start try-2")
    assert script == "in the first: /usr/local/lib/cluster/credentials try-2"
    assert fetched.startswith("cp try:/var/lib/cluster/credentials/try-2 ")
    assert handed.endswith("/. try-2:/var/lib/cluster/kubernetes")
    assert forgotten == "in the first: rm -r /var/lib/cluster/credentials/try-2"


def test_a_node_that_is_there_keeps_its_credentials(engine: Engine, local: LocalCluster) -> None:
    engine.nodes = ["try-2"]
    workers.ensure(local, 2, print)
    assert engine.asked == ["make try-2", "start try-2"]


def test_a_node_that_is_one_too_many_is_drained_and_removed(
    engine: Engine, local: LocalCluster
) -> None:
    engine.nodes = ["try-3", "try-2"]
    said: list[str] = []
    workers.ensure(local, 2, said.append)
    drain, removed, deleted, *rest = engine.asked
    assert drain.startswith("exec try kubectl drain try-3 ")
    assert removed == "remove try-3"
    assert deleted == "in the first: kubectl delete node try-3 --ignore-not-found"
    assert rest == ["make try-2", "start try-2"]
    assert said == ["try-3: removed"]


def test_a_node_that_does_not_let_go_of_its_pods_is_removed_all_the_same(
    engine: Engine, local: LocalCluster
) -> None:
    engine.nodes, engine.drains = ["try-2"], False
    said: list[str] = []
    workers.ensure(local, 1, said.append)
    assert said == ["try-2: removed, with pods that had not moved after 60 s"]


def test_nothing_joins_where_there_is_no_first_node(
    engine: Engine, local: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "inspect", lambda local: None)
    with pytest.raises(AirgapError, match="no first node that try-2 could join"):
        workers.ensure(local, 2, print)


def test_all_go_with_the_cluster(engine: Engine, local: LocalCluster) -> None:
    engine.nodes = ["try-3", "try-2"]
    workers.remove(local)
    assert engine.asked == ["remove try-2", "remove try-3"]
