"""The node's container, with a fake for the engine."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from airgap import built
from airgap.built import Built
from airgap.command import AirgapError
from cluster import container, node
from cluster.local_cluster import LocalCluster, Ports
from tests.unit.cluster.test_kubeconfig import FOUND


class Engine:
    """Has at most the one container. `fails` names a verb that does not succeed."""

    def __init__(self) -> None:
        self.container: dict[str, Any] | None = None
        self.asked: list[str] = []
        self.fails: set[str] = set()
        self.prints = ""

    def run(self, *words: str, seconds: float | None = None) -> str:
        verb = words[1]
        if verb in self.fails:
            raise AirgapError(f"{verb} failed")
        if verb == "container":
            if self.container is None:
                raise AirgapError("no such container")
            return json.dumps([self.container])
        self.asked.append(verb)
        if verb == "create":
            labels = (word.split("=")[1:] for word in words if word.startswith("--label="))
            self.container = {"Config": {"Labels": dict(labels)}, "State": {"Running": False}}
        elif verb == "start" and self.container:
            self.container["State"]["Running"] = True
        elif verb == "rm":
            self.container = None
        return self.prints

    def succeeds(self, *words: str, seconds: float | None = None) -> bool:
        try:
            self.run(*words)
        except AirgapError:
            return False
        return True


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    for module in (container, node):
        monkeypatch.setattr(module, "run", engine.run)
        monkeypatch.setattr(module, "succeeds", engine.succeeds)
    image(monkeypatch, "sha256:one")
    return engine


def image(monkeypatch: pytest.MonkeyPatch, id: str) -> None:
    found = Built(id=id, source="", created=datetime.now(UTC), size=0)
    monkeypatch.setattr(built, "expect", lambda reference: found)


@pytest.fixture
def local(tmp_path: Path) -> LocalCluster:
    return LocalCluster(name="try", ports=Ports(api=7443, registry=5001), folder=tmp_path)


def test_the_container_listens_on_loopback_and_keeps_its_state_in_one_volume(
    local: LocalCluster,
) -> None:
    assert node.creation(local, "sha256:one") == [
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


def test_a_node_that_runs_stays(engine: Engine, local: LocalCluster) -> None:
    said: list[str] = []
    node.start(local, said.append)
    node.start(local, said.append)
    assert engine.asked == ["create", "start"]
    assert said == ["container try started", "container try runs"]


def test_a_node_that_was_stopped_is_started(engine: Engine, local: LocalCluster) -> None:
    node.start(local, print)
    assert engine.container is not None
    engine.container["State"]["Running"] = False
    engine.asked.clear()
    node.start(local, print)
    assert engine.asked == ["start"]


def test_another_image_or_port_makes_a_new_container_on_the_same_state(
    engine: Engine, local: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.start(local, print)
    engine.asked.clear()
    node.start(LocalCluster(name="try", folder=local.folder), print)
    assert engine.asked == ["rm", "create", "start"]
    engine.asked.clear()
    image(monkeypatch, "sha256:two")
    node.start(LocalCluster(name="try", folder=local.folder), print)
    assert engine.asked == ["rm", "create", "start"]


def test_a_start_that_fails_says_which_ports_it_wanted(engine: Engine, local: LocalCluster) -> None:
    engine.fails = {"start"}
    with pytest.raises(AirgapError, match="API_PORT=7443 REGISTRY_PORT=5001 HTTP_PORT=10080"):
        node.start(local, print)


def test_an_api_server_that_does_not_answer_is_told_with_its_log(
    engine: Engine, local: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "succeeds", lambda *words, seconds: False)
    engine.prints = "etcd is away"
    with pytest.raises(AirgapError, match="within 0 s:\netcd is away"):
        node.wait(local, within=0)
    monkeypatch.setattr(node, "succeeds", lambda *words, seconds: True)
    node.wait(local, within=0)


def test_its_kubeconfig_has_the_port_that_is_published(engine: Engine, local: LocalCluster) -> None:
    engine.prints = yaml.safe_dump(FOUND)
    node.write_kubeconfig(local)
    (cluster,) = yaml.safe_load(local.kubeconfig.read_text())["clusters"]
    assert cluster["cluster"]["server"] == "https://127.0.0.1:7443"


def test_it_is_removed_with_its_state_and_that_only_once(
    engine: Engine, local: LocalCluster
) -> None:
    node.start(local, print)
    engine.asked.clear()
    assert node.remove(local)
    assert engine.asked == ["rm", "volume"]
    assert not node.remove(local)
    assert engine.asked == ["rm", "volume"]
