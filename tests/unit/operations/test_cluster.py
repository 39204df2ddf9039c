"""The verbs `cluster` and `cluster-down`, with a fake for each step."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from airgap import engine
from cluster import addons, choose, images, node, programs, tools, workers
from cluster.choose import Decision
from cluster.local_cluster import LocalCluster, Ports
from operations import choice, cluster
from operations.__main__ import main
from operations.workspace import Workspace
from tests.unit.operations.conftest import program


@pytest.fixture
def done(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order."""
    done: list[str] = []
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
            said = f"{module.__name__.rpartition('.')[2]}.{name}"
            monkeypatch.setattr(module, name, lambda *_, said=said: done.append(said))
    monkeypatch.setattr(tools, "existing", lambda local: None)
    monkeypatch.setattr(choice, "for_clusters", lambda report: {})
    monkeypatch.setattr(cluster, "ensure_pulumi", lambda *_: done.append("Pulumi"))
    monkeypatch.setattr(workers, "existing", lambda local: [])
    return done


def decided(monkeypatch: pytest.MonkeyPatch, decision: Decision) -> None:
    monkeypatch.setattr(choose, "decide_for", lambda local: decision)


def test_our_own_cluster_comes_up_in_order(
    done: list[str], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(monkeypatch, Decision(tool=None, reason="No tool is here."))
    result = CliRunner().invoke(main, ["cluster"])
    assert result.exit_code == 0, result.output
    assert done == [
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


def test_a_tool_that_is_able_does_it_all(
    done: list[str], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(monkeypatch, Decision(tool="kind", reason="kind is on PATH, and able."))
    assert CliRunner().invoke(main, ["cluster"]).exit_code == 0
    assert done == ["Pulumi", "tools.up"]


def test_the_ports_are_those_that_are_asked_for(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[LocalCluster] = []
    monkeypatch.setattr(cluster, "up", lambda local, nodes: seen.append(local))
    usual = cluster.local_cluster()
    CliRunner().invoke(main, ["cluster", "--api-port", "7443", "--http-port", "80"])
    CliRunner().invoke(main, ["cluster"], env={"REGISTRY_PORT": "5001", "HTTPS_PORT": "443"})
    assert seen == [
        replace(usual, ports=Ports(api=7443, http=80)),
        replace(usual, ports=Ports(registry=5001, https=443)),
    ]


@pytest.mark.parametrize(
    ("there", "asked", "nodes"), [(0, {}, 1), (2, {}, 3), (2, {"NODES": "1"}, 1)]
)
def test_a_cluster_keeps_its_nodes_unless_another_number_is_asked_for(
    there: int, asked: dict[str, str], nodes: int, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(monkeypatch, Decision(tool=None, reason="Our own cluster is here."))
    seen: list[int] = []
    monkeypatch.setattr(workers, "existing", lambda local: ["another"] * there)
    monkeypatch.setattr(workers, "ensure", lambda local, nodes, report: seen.append(nodes))
    result = CliRunner().invoke(main, ["cluster"], env=asked)
    assert result.exit_code == 0, result.output
    assert seen == [nodes]


def test_a_number_of_nodes_that_no_machine_carries_is_refused(done: list[str]) -> None:
    result = CliRunner().invoke(main, ["cluster", "--nodes", "0"])
    assert result.exit_code == 2
    assert "0 is not in the range 1<=x<=9" in result.output
    assert done == []


def test_down_removes_whatever_made_the_cluster_and_what_is_known_about_it(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    local = cluster.local_cluster()
    local.folder.mkdir(parents=True)
    local.kubeconfig.touch()
    monkeypatch.setattr(tools, "existing", lambda local: "k3d")
    assert CliRunner().invoke(main, ["cluster-down"]).exit_code == 0
    assert done == ["tools.down", "workers.remove", "node.remove"]
    assert not local.folder.exists()
    done.clear()
    monkeypatch.setattr(tools, "existing", lambda local: None)
    monkeypatch.setattr(node, "remove", lambda local: False)
    assert CliRunner().invoke(main, ["cluster-down"]).exit_code == 0
    assert done == ["workers.remove"]


def test_what_lived_on_the_cluster_is_forgotten_with_it(
    done: list[str], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state names the cluster, and on another one `up` would refuse it."""
    workspace = Workspace.of("local")
    workspace.directory.mkdir(parents=True)
    asked = program(machine, "pulumi", "")
    result = CliRunner().invoke(main, ["cluster-down"])
    assert result.exit_code == 0, result.output
    assert "stack rm --force --yes --stack local" in asked.read_text()
    assert not workspace.directory.exists()


def test_a_cluster_of_another_name_takes_no_stack_with_it(done: list[str], machine: Path) -> None:
    workspace = Workspace.of("local")
    workspace.directory.mkdir(parents=True)
    cluster.down(LocalCluster(name="another", folder=machine / "another"))
    assert workspace.directory.exists()
