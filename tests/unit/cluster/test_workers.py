"""The nodes other than the first, with a fake for the engine."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from airgap import engine_images
from airgap.command import AirgapError
from airgap.engine_images import EngineImage
from airgap.report import Report
from cluster import node, node_container, workers
from cluster.local_cluster import LocalCluster


class Engine:
    """The names of the workers, and the commands of the engine and of the first node."""

    def __init__(self) -> None:
        self.workers: list[str] = []
        self.commands: list[str] = []
        self.drains = True

    def run(self, *words: str | Path) -> str:
        if words[1] == "ps":
            return "\n".join(["try", *self.workers])
        self.commands.append(" ".join(map(str, words[1:])))
        return ""

    def inside(self, cluster: LocalCluster, *words: str) -> str:
        self.commands.append("in the first node: " + " ".join(words))
        return ""

    def succeeds(self, *words: str) -> bool:
        self.commands.append(" ".join(words[1:]))
        return self.drains

    def create(self, name: str, arguments: list[str], report: Report) -> bool:
        self.commands.append(f"create {name}")
        return name not in self.workers

    def start(self, name: str, report: Report) -> None:
        self.commands.append(f"start {name}")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    image = EngineImage(id="sha256:one", source="", created=datetime.now(UTC), size=0)
    monkeypatch.setattr(engine_images, "expect", lambda reference: image)
    monkeypatch.setattr(workers, "run", engine.run)
    monkeypatch.setattr(workers, "succeeds", engine.succeeds)
    monkeypatch.setattr(node, "inside", engine.inside)
    monkeypatch.setattr(node, "inspect", lambda cluster: {"Id": "first"})
    monkeypatch.setattr(node_container, "create", engine.create)
    monkeypatch.setattr(node_container, "start", engine.start)
    monkeypatch.setattr(
        node_container, "remove", lambda name: engine.commands.append(f"remove {name}")
    )
    return engine


@pytest.fixture
def cluster(tmp_path: Path) -> LocalCluster:
    return LocalCluster(name="try", folder=tmp_path)


def test_a_workers_container_links_to_the_first_node_and_publishes_no_port(
    cluster: LocalCluster,
) -> None:
    assert workers.creation(cluster, "try-2", "first", "sha256:one") == [
        "--name=try-2",
        "--hostname=try-2",
        "--label=ai-platform.cluster=try",
        "--restart=unless-stopped",
        "--link=first:try",
        "--env=FIRST_NODE=try",
        "--volume=try-2:/var/lib/cluster",
        "--tmpfs=/run:exec",
        "--env=REGISTRY=localhost:5000",
        *node_container.RIGHTS,
        "sha256:one",
    ]


def test_a_worker_joins_with_credentials_that_the_first_node_writes(
    engine: Engine, cluster: LocalCluster
) -> None:
    workers.ensure(cluster, 2, print)
    created, script, copied_out, copied_in, removed, started = engine.commands
    assert (created, started) == ("create try-2", "start try-2")
    assert script == "in the first node: /usr/local/lib/cluster/credentials try-2"
    assert copied_out.startswith("cp try:/var/lib/cluster/credentials/try-2 ")
    assert copied_in.endswith("/. try-2:/var/lib/cluster/kubernetes")
    assert removed == "in the first node: rm -r /var/lib/cluster/credentials/try-2"


def test_an_existing_worker_keeps_its_credentials(engine: Engine, cluster: LocalCluster) -> None:
    engine.workers = ["try-2"]
    workers.ensure(cluster, 2, print)
    assert engine.commands == ["create try-2", "start try-2"]


def test_a_worker_above_the_number_of_nodes_is_drained_and_removed(
    engine: Engine, cluster: LocalCluster
) -> None:
    engine.workers = ["try-3", "try-2"]
    lines: list[str] = []
    workers.ensure(cluster, 2, lines.append)
    drain, removed, deleted, *remaining = engine.commands
    assert drain.startswith("exec try kubectl drain try-3 ")
    assert removed == "remove try-3"
    assert deleted == "in the first node: kubectl delete node try-3 --ignore-not-found"
    assert remaining == ["create try-2", "start try-2"]
    assert lines == ["try-3: removed"]


def test_a_worker_is_removed_although_its_pods_do_not_move_in_time(
    engine: Engine, cluster: LocalCluster
) -> None:
    engine.workers, engine.drains = ["try-2"], False
    lines: list[str] = []
    workers.ensure(cluster, 1, lines.append)
    assert lines == ["try-2: removed, with pods that had not moved after 60 s"]


def test_no_worker_joins_a_cluster_that_does_not_exist(
    engine: Engine, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "inspect", lambda cluster: None)
    with pytest.raises(AirgapError, match="try does not exist: try-2 cannot join it"):
        workers.ensure(cluster, 2, print)


def test_a_removal_takes_every_worker(engine: Engine, cluster: LocalCluster) -> None:
    engine.workers = ["try-3", "try-2"]
    workers.remove(cluster)
    assert engine.commands == ["remove try-2", "remove try-3"]
