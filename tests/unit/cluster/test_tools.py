"""How kind, k3d and minikube are asked, with a fake for each."""

from pathlib import Path
from typing import get_args

import pytest
import yaml

from airgap.command import AirgapError
from cluster import tools
from cluster.choose import REGISTRIES, Tool
from cluster.local_cluster import LocalCluster, Ports
from tests.unit.cluster.test_kubeconfig import FOUND

TOOLS: tuple[Tool, ...] = get_args(Tool)


@pytest.fixture
def local(tmp_path: Path) -> LocalCluster:
    ports = Ports(api=7443, registry=5001)
    return LocalCluster(name="try", ports=ports, folder=tmp_path / "cluster")


class Machine:
    """What was asked, and the one tool that has a cluster, of two nodes."""

    def __init__(self, local: LocalCluster) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.config = ""
        self.has: tuple[str, ...] = ()
        self.fails: tuple[str, ...] = ()
        self.lists = {tools.WAYS[tool](local, 1).nodes for tool in TOOLS}

    def run(self, *words: str, env: dict[str, str] | None = None) -> str:
        self.asked.append(words)
        for word in words:
            if word.endswith("config.yaml"):
                self.config = Path(word).read_text()
        if self.fails and words[: len(self.fails)] == self.fails:
            raise AirgapError("it failed")
        if env:
            Path(env["KUBECONFIG"]).write_text(yaml.safe_dump(FOUND))
        return "first\nsecond\n" if words in self.lists else ""

    def succeeds(self, *words: str) -> bool:
        return words[0] in self.has


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, local: LocalCluster) -> Machine:
    machine = Machine(local)
    monkeypatch.setattr(tools, "run", machine.run)
    monkeypatch.setattr(tools, "succeeds", machine.succeeds)
    return machine


def test_every_tool_that_may_be_chosen_has_a_way() -> None:
    assert list(tools.WAYS) == list(REGISTRIES) == list(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_cluster_is_made_once_and_then_started(
    tool: Tool, machine: Machine, local: LocalCluster
) -> None:
    way = tools.WAYS[tool](local, 2)
    tools.up(tool, local, 2, print)
    assert len(machine.asked) == len(way.create)
    assert yaml.safe_load(local.kubeconfig.read_text())["current-context"] == "try"
    machine.asked.clear()
    machine.has = (tool,)
    tools.up(tool, local, None, print)
    assert machine.asked == [way.nodes, *way.start]


@pytest.mark.parametrize("tool", TOOLS)
def test_another_number_of_nodes_is_for_another_cluster(
    tool: Tool, machine: Machine, local: LocalCluster
) -> None:
    machine.has = (tool,)
    with pytest.raises(AirgapError, match="has 2 nodes, not 3, and they"):
        tools.up(tool, local, 3, print)
    assert machine.asked == [tools.WAYS[tool](local, 1).nodes]


@pytest.mark.parametrize("tool", TOOLS)
def test_what_is_half_made_is_taken_away(tool: Tool, machine: Machine, local: LocalCluster) -> None:
    machine.fails = tools.WAYS[tool](local, 1).create[-1][:3]
    with pytest.raises(AirgapError, match="it failed"):
        tools.up(tool, local, None, print)
    assert not local.kubeconfig.exists()
    down = tools.WAYS[tool](local, 1).delete
    assert machine.asked[-len(down) :] == list(down)


def test_a_cluster_that_was_there_stays_where_it_does_not_start(
    machine: Machine, local: LocalCluster
) -> None:
    machine.has, machine.fails = ("kind",), ("docker", "start")
    with pytest.raises(AirgapError, match="it failed"):
        tools.up("kind", local, None, print)
    start = ("docker", "start", "try-control-plane", "try-worker", "try-registry")
    assert machine.asked[1:] == [start]


def test_the_tool_that_made_the_cluster_is_found(machine: Machine, local: LocalCluster) -> None:
    assert tools.existing(local) is None
    machine.has = ("k3d",)
    assert tools.existing(local) == "k3d"


def test_kind_listens_on_loopback_and_knows_where_its_registries_are(
    machine: Machine, local: LocalCluster
) -> None:
    tools.up("kind", local, 3, print)
    assert yaml.safe_load(machine.config) == {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "networking": {"apiServerAddress": "127.0.0.1", "apiServerPort": 7443},
        "containerdConfigPatches": [
            '[plugins."io.containerd.grpc.v1.cri".registry]\n'
            '  config_path = "/etc/containerd/certs.d"\n'
        ],
        "nodes": [{"role": "control-plane"}, {"role": "worker"}, {"role": "worker"}],
    }
    assert machine.asked[1:] == [
        (
            "docker", "run", "--detach", "--restart=always", "--name=try-registry",
            "--network=kind", "--publish=127.0.0.1:5001:5000", "registry:2.8.3",
        ),
        *(
            (
                "docker", "exec", node, "sh", "-c",
                "mkdir -p /etc/containerd/certs.d/localhost:5001 && "
                "echo '[host.\"http://try-registry:5000\"]' "
                "> /etc/containerd/certs.d/localhost:5001/hosts.toml",
            )
            for node in ("try-control-plane", "try-worker", "try-worker2")
        ),
    ]  # fmt: skip


def test_k3d_finds_the_registry_under_the_name_that_it_has_outside(
    machine: Machine, local: LocalCluster
) -> None:
    tools.up("k3d", local, 3, print)
    assert yaml.safe_load(machine.config) == {
        "mirrors": {"localhost:5001": {"endpoint": ["http://k3d-try-registry:5000"]}}
    }
    create = machine.asked[-1]
    assert create[5:9] == ("--agents", "2", "--api-port", "127.0.0.1:7443")


def test_minikube_publishes_its_registry(machine: Machine, local: LocalCluster) -> None:
    tools.up("minikube", local, 3, print)
    assert machine.asked == [
        (
            "minikube", "start", "--profile", "try", "--driver=docker", "--embed-certs",
            "--ports=127.0.0.1:5001:5000", "--nodes=3", "--addons=registry",
        )
    ]  # fmt: skip
