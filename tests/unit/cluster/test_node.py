"""The first node's container, with a fake for the engine."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from airgap import engine_images
from airgap.command import AirgapError
from airgap.engine_images import EngineImage
from cluster import node, node_container
from cluster.local_cluster import LocalCluster, Ports
from tests.unit.cluster.test_kubeconfig import ADMIN_CONFIG


class Engine:
    """An engine with at most one container. The verbs in `failing` fail."""

    def __init__(self) -> None:
        self.container: dict[str, Any] | None = None
        self.verbs: list[str] = []
        self.failing: set[str] = set()
        self.output = ""

    def run(self, *words: str, seconds: float | None = None) -> str:
        verb = words[1]
        if verb in self.failing:
            raise AirgapError(f"{verb} failed")
        if verb == "container":
            if self.container is None:
                raise AirgapError("no such container")
            return json.dumps([self.container])
        self.verbs.append(verb)
        if verb == "create":
            labels = (word.split("=")[1:] for word in words if word.startswith("--label="))
            self.container = {"Config": {"Labels": dict(labels)}, "State": {"Running": False}}
        elif verb == "start" and self.container:
            self.container["State"]["Running"] = True
        elif verb == "rm":
            self.container = None
        return self.output

    def succeeds(self, *words: str, seconds: float | None = None) -> bool:
        try:
            self.run(*words)
        except AirgapError:
            return False
        return True


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    for module in (node_container, node):
        monkeypatch.setattr(module, "run", engine.run)
        monkeypatch.setattr(module, "succeeds", engine.succeeds)
    image(monkeypatch, "sha256:one")
    return engine


def image(monkeypatch: pytest.MonkeyPatch, id: str) -> None:
    engine_image = EngineImage(id=id, source="", created=datetime.now(UTC), size=0)
    monkeypatch.setattr(engine_images, "expect", lambda reference: engine_image)


@pytest.fixture
def cluster(tmp_path: Path) -> LocalCluster:
    return LocalCluster(name="try", ports=Ports(api=7443, registry=5001), folder=tmp_path)


def test_the_container_listens_on_loopback_and_keeps_its_state_in_one_volume(
    cluster: LocalCluster,
) -> None:
    assert node.creation(cluster, "sha256:one") == [
        "--name=try",
        "--hostname=try",
        "--label=ai-platform.cluster=try",
        "--restart=unless-stopped",
        "--publish=127.0.0.1:7443:6443",
        "--publish=127.0.0.1:5001:5000",
        "--publish=127.0.0.1:10080:80",
        "--publish=127.0.0.1:10443:443",
        "--volume=try:/var/lib/cluster",
        "--tmpfs=/run:exec",
        "--env=REGISTRY=localhost:5001",
        "--cap-add=ALL",
        "--cap-drop=SYS_RESOURCE",
        "--security-opt=seccomp=unconfined",
        "--security-opt=apparmor=unconfined",
        "--security-opt=systempaths=unconfined",
        "--device-cgroup-rule=a *:* rwm",
        "--device=/dev/kmsg",
        "--cgroupns=private",
        "sha256:one",
    ]


def test_a_running_node_stays(engine: Engine, cluster: LocalCluster) -> None:
    lines: list[str] = []
    node.start(cluster, lines.append)
    node.start(cluster, lines.append)
    assert engine.verbs == ["create", "start"]
    assert lines == ["container try started", "container try runs"]


def test_a_stopped_node_is_started(engine: Engine, cluster: LocalCluster) -> None:
    node.start(cluster, print)
    assert engine.container is not None
    engine.container["State"]["Running"] = False
    engine.verbs.clear()
    node.start(cluster, print)
    assert engine.verbs == ["start"]


def test_another_image_or_port_replaces_the_container_and_keeps_its_state(
    engine: Engine, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.start(cluster, print)
    engine.verbs.clear()
    node.start(LocalCluster(name="try", folder=cluster.folder), print)
    assert engine.verbs == ["rm", "create", "start"]
    engine.verbs.clear()
    image(monkeypatch, "sha256:two")
    node.start(LocalCluster(name="try", folder=cluster.folder), print)
    assert engine.verbs == ["rm", "create", "start"]


def test_the_error_of_a_failed_start_names_the_ports(engine: Engine, cluster: LocalCluster) -> None:
    engine.failing = {"start"}
    with pytest.raises(AirgapError, match="API_PORT=7443 REGISTRY_PORT=5001 HTTP_PORT=10080"):
        node.start(cluster, print)


def test_the_error_quotes_the_log_of_an_api_server_that_does_not_answer(
    engine: Engine, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "succeeds", lambda *words, seconds: False)
    engine.output = "etcd is away"
    with pytest.raises(AirgapError, match="within 0 s:\netcd is away"):
        node.wait(cluster, seconds=0)
    monkeypatch.setattr(node, "succeeds", lambda *words, seconds: True)
    node.wait(cluster, seconds=0)


def test_the_kubeconfig_has_the_published_port(engine: Engine, cluster: LocalCluster) -> None:
    engine.output = yaml.safe_dump(ADMIN_CONFIG)
    node.write_kubeconfig(cluster)
    (entry,) = yaml.safe_load(cluster.kubeconfig.read_text())["clusters"]
    assert entry["cluster"]["server"] == "https://127.0.0.1:7443"


def test_a_removal_takes_the_state_and_happens_once(engine: Engine, cluster: LocalCluster) -> None:
    node.start(cluster, print)
    engine.verbs.clear()
    assert node.remove(cluster)
    assert engine.verbs == ["rm", "volume"]
    assert not node.remove(cluster)
    assert engine.verbs == ["rm", "volume"]
