"""The commands of kind, k3d and minikube, with fakes for all three."""

from pathlib import Path
from typing import get_args

import pytest
import yaml

from airgap.command import AirgapError
from cluster import tools
from cluster.choose_tool import REGISTRIES, Tool
from cluster.local_cluster import LocalCluster, Ports
from tests.unit.cluster.test_kubeconfig import ADMIN_CONFIG

TOOLS: tuple[Tool, ...] = get_args(Tool)


@pytest.fixture
def cluster(tmp_path: Path) -> LocalCluster:
    ports = Ports(api=7443, registry=5001)
    return LocalCluster(name="try", ports=ports, folder=tmp_path / "cluster")


class Machine:
    """The commands that ran, and the tools that have a cluster, of two nodes."""

    def __init__(self, cluster: LocalCluster) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.config = ""
        self.tools_with_cluster: tuple[str, ...] = ()
        self.failing: tuple[str, ...] = ()
        self.list_commands = {tools.COMMANDS[tool](cluster, 1).nodes for tool in TOOLS}

    def run(self, *words: str, env: dict[str, str] | None = None) -> str:
        self.commands.append(words)
        for word in words:
            if word.endswith("config.yaml"):
                self.config = Path(word).read_text()
        if self.failing and words[: len(self.failing)] == self.failing:
            raise AirgapError("it failed")
        if env:
            Path(env["KUBECONFIG"]).write_text(yaml.safe_dump(ADMIN_CONFIG))
        return "first\nsecond\n" if words in self.list_commands else ""

    def succeeds(self, *words: str) -> bool:
        return words[0] in self.tools_with_cluster


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, cluster: LocalCluster) -> Machine:
    machine = Machine(cluster)
    monkeypatch.setattr(tools, "run", machine.run)
    monkeypatch.setattr(tools, "succeeds", machine.succeeds)
    return machine


def test_every_tool_that_may_be_chosen_has_its_commands() -> None:
    assert list(tools.COMMANDS) == list(REGISTRIES) == list(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_cluster_is_created_once_and_then_started(
    tool: Tool, machine: Machine, cluster: LocalCluster
) -> None:
    commands = tools.COMMANDS[tool](cluster, 2)
    tools.up(tool, cluster, 2, print)
    assert len(machine.commands) == len(commands.create)
    assert yaml.safe_load(cluster.kubeconfig.read_text())["current-context"] == "try"
    machine.commands.clear()
    machine.tools_with_cluster = (tool,)
    tools.up(tool, cluster, None, print)
    assert machine.commands == [commands.nodes, *commands.start]


@pytest.mark.parametrize("tool", TOOLS)
def test_the_number_of_nodes_of_a_cluster_cannot_change(
    tool: Tool, machine: Machine, cluster: LocalCluster
) -> None:
    machine.tools_with_cluster = (tool,)
    with pytest.raises(AirgapError, match="has 2 nodes, not 3"):
        tools.up(tool, cluster, 3, print)
    assert machine.commands == [tools.COMMANDS[tool](cluster, 1).nodes]


@pytest.mark.parametrize("tool", TOOLS)
def test_a_cluster_whose_creation_fails_is_removed(
    tool: Tool, machine: Machine, cluster: LocalCluster
) -> None:
    machine.failing = tools.COMMANDS[tool](cluster, 1).create[-1][:3]
    with pytest.raises(AirgapError, match="it failed"):
        tools.up(tool, cluster, None, print)
    assert not cluster.kubeconfig.exists()
    delete = tools.COMMANDS[tool](cluster, 1).delete
    assert machine.commands[-len(delete) :] == list(delete)


def test_an_existing_cluster_that_does_not_start_stays(
    machine: Machine, cluster: LocalCluster
) -> None:
    machine.tools_with_cluster, machine.failing = ("kind",), ("docker", "start")
    with pytest.raises(AirgapError, match="it failed"):
        tools.up("kind", cluster, None, print)
    start = ("docker", "start", "try-control-plane", "try-worker", "try-registry")
    assert machine.commands[1:] == [start]


def test_an_existing_cluster_is_found_by_its_tool(machine: Machine, cluster: LocalCluster) -> None:
    assert tools.existing(cluster) is None
    machine.tools_with_cluster = ("k3d",)
    assert tools.existing(cluster) == "k3d"


def test_kind_listens_on_loopback_and_knows_the_registry(
    machine: Machine, cluster: LocalCluster
) -> None:
    tools.up("kind", cluster, 3, print)
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
    assert machine.commands[1:] == [
        (
            "docker", "run", "--detach", "--restart=always", "--name=try-registry",
            "--network=kind", "--publish=127.0.0.1:5001:5000", "registry:2.8.3",
        ),
        *(
            (
                "docker", "exec", node, "sh", "-c",
                "mkdir -p /etc/containerd/certs.d/localhost:5001 && "
                "printf '%s\\n' 'server = \"http://try-registry:5000\"' "
                "'[host.\"http://try-registry:5000\"]' "
                "> /etc/containerd/certs.d/localhost:5001/hosts.toml",
            )
            for node in ("try-control-plane", "try-worker", "try-worker2")
        ),
    ]  # fmt: skip


def test_k3d_reaches_the_registry_by_the_name_that_it_has_on_the_host(
    machine: Machine, cluster: LocalCluster
) -> None:
    tools.up("k3d", cluster, 3, print)
    assert yaml.safe_load(machine.config) == {
        "mirrors": {"localhost:5001": {"endpoint": ["http://k3d-try-registry:5000"]}}
    }
    create = machine.commands[-1]
    assert create[5:9] == ("--agents", "2", "--api-port", "127.0.0.1:7443")


def test_minikube_publishes_its_registry(machine: Machine, cluster: LocalCluster) -> None:
    tools.up("minikube", cluster, 3, print)
    assert machine.commands == [
        (
            "minikube", "start", "--profile", "try", "--driver=docker", "--embed-certs",
            "--ports=127.0.0.1:5001:5000", "--nodes=3", "--addons=registry",
        )
    ]  # fmt: skip
