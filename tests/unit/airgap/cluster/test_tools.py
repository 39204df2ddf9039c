"""How kind, k3d and minikube are asked, with a fake for each."""

from pathlib import Path
from typing import get_args

import pytest
import yaml

from airgap.cluster import tools
from airgap.cluster.choose import REGISTRIES, Tool
from airgap.cluster.place import Place, Ports
from airgap.command import AirgapError
from tests.unit.airgap.cluster.test_kubeconfig import FOUND

TOOLS: tuple[Tool, ...] = get_args(Tool)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    ports = Ports(api=7443, registry=5001)
    return Place(name="try", ports=ports, folder=tmp_path / "cluster")


class Machine:
    """What was asked, and the one tool that has a cluster, of two nodes."""

    def __init__(self, place: Place) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.config = ""
        self.has: tuple[str, ...] = ()
        self.fails: tuple[str, ...] = ()
        self.lists = {tools.WAYS[tool](place, 1).nodes for tool in TOOLS}

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
def machine(monkeypatch: pytest.MonkeyPatch, place: Place) -> Machine:
    machine = Machine(place)
    monkeypatch.setattr(tools, "run", machine.run)
    monkeypatch.setattr(tools, "succeeds", machine.succeeds)
    return machine


def test_every_tool_that_may_be_chosen_has_a_way() -> None:
    assert list(tools.WAYS) == list(REGISTRIES) == list(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_cluster_is_made_once_and_then_started(
    tool: Tool, machine: Machine, place: Place
) -> None:
    way = tools.WAYS[tool](place, 2)
    tools.up(tool, place, 2, print)
    assert len(machine.asked) == len(way.create)
    assert yaml.safe_load(place.kubeconfig.read_text())["current-context"] == "try"
    machine.asked.clear()
    machine.has = (tool,)
    tools.up(tool, place, None, print)
    assert machine.asked == [way.nodes, *way.start]


@pytest.mark.parametrize("tool", TOOLS)
def test_another_number_of_nodes_is_for_another_cluster(
    tool: Tool, machine: Machine, place: Place
) -> None:
    machine.has = (tool,)
    with pytest.raises(AirgapError, match="has 2 nodes, not 3, and they"):
        tools.up(tool, place, 3, print)
    assert machine.asked == [tools.WAYS[tool](place, 1).nodes]


@pytest.mark.parametrize("tool", TOOLS)
def test_what_is_half_made_is_taken_away(tool: Tool, machine: Machine, place: Place) -> None:
    machine.fails = tools.WAYS[tool](place, 1).create[-1][:3]
    with pytest.raises(AirgapError, match="it failed"):
        tools.up(tool, place, None, print)
    assert not place.kubeconfig.exists()
    down = tools.WAYS[tool](place, 1).delete
    assert machine.asked[-len(down) :] == list(down)


def test_a_cluster_that_was_there_stays_where_it_does_not_start(
    machine: Machine, place: Place
) -> None:
    machine.has, machine.fails = ("kind",), ("docker", "start")
    with pytest.raises(AirgapError, match="it failed"):
        tools.up("kind", place, None, print)
    start = ("docker", "start", "try-control-plane", "try-worker", "try-registry")
    assert machine.asked[1:] == [start]


def test_the_tool_that_made_the_cluster_is_found(machine: Machine, place: Place) -> None:
    assert tools.existing(place) is None
    machine.has = ("k3d",)
    assert tools.existing(place) == "k3d"


def test_kind_listens_on_loopback_and_knows_where_its_registries_are(
    machine: Machine, place: Place
) -> None:
    tools.up("kind", place, 3, print)
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
    machine: Machine, place: Place
) -> None:
    tools.up("k3d", place, 3, print)
    assert yaml.safe_load(machine.config) == {
        "mirrors": {"localhost:5001": {"endpoint": ["http://k3d-try-registry:5000"]}}
    }
    create = machine.asked[-1]
    assert create[5:9] == ("--agents", "2", "--api-port", "127.0.0.1:7443")


def test_minikube_publishes_its_registry(machine: Machine, place: Place) -> None:
    tools.up("minikube", place, 3, print)
    assert machine.asked == [
        (
            "minikube", "start", "--profile", "try", "--driver=docker", "--embed-certs",
            "--ports=127.0.0.1:5001:5000", "--nodes=3", "--addons=registry",
        )
    ]  # fmt: skip
