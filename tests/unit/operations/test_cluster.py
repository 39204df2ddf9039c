"""The verbs `cluster` and `cluster-down`, with a fake for each step."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from airgap import engine
from cluster import addons, choose_tool, images, node, programs, tools, workers
from cluster.choose_tool import ToolChoice
from cluster.local_cluster import LocalCluster, Ports
from operations import cluster, machine_choices
from operations.__main__ import main
from operations.workspace import Workspace
from tests.unit.operations.conftest import program


@pytest.fixture
def calls(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions that were called, in order."""
    calls: list[str] = []
    steps = {
        engine: ("ensure",),
        programs: ("ensure", "link_kubectl"),
        images: ("ensure", "push"),
        node: ("start", "wait", "write_kubeconfig", "remove"),
        addons: ("apply", "wait"),
        workers: ("ensure", "remove"),
        tools: ("up", "down"),
    }
    for module, names in steps.items():
        for name in names:
            call = f"{module.__name__.rpartition('.')[2]}.{name}"
            monkeypatch.setattr(module, name, lambda *_, call=call: calls.append(call))
    monkeypatch.setattr(tools, "existing", lambda cluster: None)
    monkeypatch.setattr(machine_choices, "for_clusters", lambda report: {})
    monkeypatch.setattr(cluster, "ensure_pulumi", lambda *_: calls.append("Pulumi"))
    monkeypatch.setattr(workers, "existing", lambda cluster: [])
    return calls


def choose(monkeypatch: pytest.MonkeyPatch, choice: ToolChoice) -> None:
    monkeypatch.setattr(choose_tool, "decide", lambda cluster: choice)


def test_our_own_cluster_starts_in_order(
    calls: list[str], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, ToolChoice(tool=None, reason="None of kind, k3d, minikube is on PATH."))
    result = CliRunner().invoke(main, ["cluster"])
    assert result.exit_code == 0, result.output
    assert calls == [
        "Pulumi",
        "engine.ensure",
        "programs.ensure",
        "programs.link_kubectl",
        "images.ensure",
        "node.start",
        "node.wait",
        "node.write_kubeconfig",
        "images.push",
        "addons.apply",
        "workers.ensure",
        "addons.wait",
    ]


def test_a_tool_starts_the_whole_cluster(
    calls: list[str], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(
        monkeypatch, ToolChoice(tool="kind", reason="kind is on PATH and can pull its node image.")
    )
    assert CliRunner().invoke(main, ["cluster"]).exit_code == 0
    assert calls == ["Pulumi", "tools.up"]


def test_the_ports_come_from_options_and_variables(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clusters: list[LocalCluster] = []
    monkeypatch.setattr(cluster, "up", lambda local, nodes: clusters.append(local))
    default = cluster.local_cluster()
    CliRunner().invoke(main, ["cluster", "--api-port", "7443", "--http-port", "80"])
    CliRunner().invoke(main, ["cluster"], env={"REGISTRY_PORT": "5001", "HTTPS_PORT": "443"})
    assert clusters == [
        replace(default, ports=Ports(api=7443, http=80)),
        replace(default, ports=Ports(registry=5001, https=443)),
    ]


@pytest.mark.parametrize(
    ("workers_before", "environment", "nodes"), [(0, {}, 1), (2, {}, 3), (2, {"NODES": "1"}, 1)]
)
def test_a_cluster_keeps_its_number_of_nodes_by_default(
    workers_before: int,
    environment: dict[str, str],
    nodes: int,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(monkeypatch, ToolChoice(tool=None, reason="Our own cluster exists."))
    counts: list[int] = []
    monkeypatch.setattr(workers, "existing", lambda cluster: ["worker"] * workers_before)
    monkeypatch.setattr(workers, "ensure", lambda cluster, nodes, report: counts.append(nodes))
    result = CliRunner().invoke(main, ["cluster"], env=environment)
    assert result.exit_code == 0, result.output
    assert counts == [nodes]


def test_a_number_of_nodes_outside_the_range_is_rejected(calls: list[str]) -> None:
    result = CliRunner().invoke(main, ["cluster", "--nodes", "0"])
    assert result.exit_code == 2
    assert "0 is not in the range 1<=x<=9" in result.output
    assert calls == []


def test_down_removes_the_cluster_of_a_tool_or_our_own_and_its_files(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    local = cluster.local_cluster()
    local.folder.mkdir(parents=True)
    local.kubeconfig.touch()
    monkeypatch.setattr(tools, "existing", lambda cluster: "k3d")
    assert CliRunner().invoke(main, ["cluster-down"]).exit_code == 0
    assert calls == ["tools.down", "workers.remove", "node.remove"]
    assert not local.folder.exists()
    calls.clear()
    monkeypatch.setattr(tools, "existing", lambda cluster: None)
    monkeypatch.setattr(node, "remove", lambda cluster: False)
    assert CliRunner().invoke(main, ["cluster-down"]).exit_code == 0
    assert calls == ["workers.remove"]


def test_down_removes_the_state_of_the_stack_on_the_cluster(
    calls: list[str], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state names the cluster, so `up` would refuse it on another cluster."""
    workspace = Workspace.of("local")
    workspace.directory.mkdir(parents=True)
    pulumi_calls = program(machine, "pulumi", "")
    result = CliRunner().invoke(main, ["cluster-down"])
    assert result.exit_code == 0, result.output
    assert "stack rm --force --yes --stack local" in pulumi_calls.read_text()
    assert not workspace.directory.exists()


def test_down_keeps_the_stack_of_a_cluster_with_another_name(
    calls: list[str], machine: Path
) -> None:
    workspace = Workspace.of("local")
    workspace.directory.mkdir(parents=True)
    cluster.down(LocalCluster(name="another", folder=machine / "another"))
    assert workspace.directory.exists()
