"""A cluster by kind, k3d or minikube, with a registry that has one name in it and outside."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from airgap.command import AirgapError, run, succeeds
from cluster import kubeconfig
from cluster.choose import Tool
from cluster.local_cluster import LocalCluster

CONFIG = "{config}"
"""Stands in a command for the path of the file that `Way.config` says."""

REGISTRY_IMAGE = "registry:2.8.3"
NODE_REGISTRIES = "/etc/containerd/certs.d"

Command = tuple[str, ...]
Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Way:
    """What a tool is asked; each writes into the file that KUBECONFIG names."""

    exists: Command
    create: tuple[Command, ...]
    start: tuple[Command, ...]
    delete: tuple[Command, ...]
    nodes: Command
    """Prints a line for each node."""
    config: str = ""


def up(tool: Tool, local: LocalCluster, nodes: int | None, report: Report) -> None:
    """Have the tool's cluster running. One that is only half made is taken away again.

    Raises AirgapError where it is there with another number of nodes than asked for.
    """
    there = succeeds(*WAYS[tool](local, 1).exists)
    count = _count(tool, local) if there else nodes or 1
    if nodes not in (None, count):
        raise AirgapError(
            f"{tool}: the cluster {local.name} has {count} nodes, not {nodes}, and they were made "
            f"with it.\nTake it away first: make cluster-down && make cluster NODES={nodes}"
        )
    way = WAYS[tool](local, count)
    with TemporaryDirectory() as scratch:
        config, written = Path(scratch) / "config.yaml", Path(scratch) / "kubeconfig"
        config.write_text(way.config)
        try:
            for command in way.start if there else way.create:
                words = [word.replace(CONFIG, str(config)) for word in command]
                run(*words, env={"KUBECONFIG": str(written)})
        except AirgapError:
            if not there:
                down(tool, local)
            raise
        report(f"{tool}: cluster {local.name} {'started' if there else 'created'}")
        found = yaml.safe_load(written.read_text())
    kubeconfig.write(local, kubeconfig.named(found, local.name))


def down(tool: Tool, local: LocalCluster) -> None:
    """Take the cluster and its registry away."""
    for command in WAYS[tool](local, 1).delete:
        run(*command)


def existing(local: LocalCluster) -> Tool | None:
    """The tool that has made our cluster, or none."""
    return next((tool for tool, way in WAYS.items() if succeeds(*way(local, 1).exists)), None)


def _count(tool: Tool, local: LocalCluster) -> int:
    """How many nodes the tool's cluster has."""
    return len(run(*WAYS[tool](local, 1).nodes).splitlines())


def _kind(local: LocalCluster, nodes: int) -> Way:
    """As kind's documentation connects a local registry."""
    name, registry = local.name, f"{local.name}-registry"
    workers = [f"{name}-worker{'' if number == 1 else number}" for number in range(1, nodes)]
    containers = (f"{name}-control-plane", *workers)
    hosts = f"{NODE_REGISTRIES}/{local.registry}"
    mirror = f"mkdir -p {hosts} && echo '[host.\"http://{registry}:5000\"]' > {hosts}/hosts.toml"
    section = '[plugins."io.containerd.grpc.v1.cri".registry]'
    config = {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "networking": {"apiServerAddress": "127.0.0.1", "apiServerPort": local.ports.api},
        "containerdConfigPatches": [f'{section}\n  config_path = "{NODE_REGISTRIES}"\n'],
        "nodes": [{"role": "control-plane"}, *({"role": "worker"} for _ in workers)],
    }
    return Way(
        exists=("kind", "get", "kubeconfig", "--name", name),
        create=(
            ("kind", "create", "cluster", "--name", name, "--config", CONFIG),
            (
                "docker", "run", "--detach", "--restart=always", f"--name={registry}",
                "--network=kind", f"--publish=127.0.0.1:{local.ports.registry}:5000",
                REGISTRY_IMAGE,
            ),
            *(("docker", "exec", node, "sh", "-c", mirror) for node in containers),
        ),
        start=(
            ("docker", "start", *containers, registry),
            ("kind", "export", "kubeconfig", "--name", name),
        ),
        delete=(
            ("kind", "delete", "cluster", "--name", name),
            ("docker", "rm", "--force", "--volumes", registry),
        ),
        nodes=("kind", "get", "nodes", "--name", name),
        config=yaml.safe_dump(config, sort_keys=False),
    )  # fmt: skip


def _k3d(local: LocalCluster, nodes: int) -> Way:
    name, registry = local.name, f"k3d-{local.name}-registry"
    mirrors = {"mirrors": {local.registry: {"endpoint": [f"http://{registry}:5000"]}}}
    return Way(
        exists=("k3d", "kubeconfig", "get", name),
        create=(
            (
                "k3d", "registry", "create", f"{name}-registry",
                "--port", f"127.0.0.1:{local.ports.registry}",
            ),
            (
                "k3d", "cluster", "create", name, "--wait", "--agents", str(nodes - 1),
                "--api-port", f"127.0.0.1:{local.ports.api}",
                "--registry-use", f"{registry}:5000", "--registry-config", CONFIG,
            ),
        ),
        start=(
            ("k3d", "cluster", "start", name, "--wait"),
            ("k3d", "kubeconfig", "merge", name, "--kubeconfig-merge-default"),
        ),
        delete=(
            ("k3d", "cluster", "delete", name),
            ("k3d", "registry", "delete", registry),
        ),
        # The tool's own list has its load balancer and its registry in it.
        nodes=(
            "docker", "ps", "--all", "--format={{.Names}}",
            f"--filter=name=^/?k3d-{name}-(server|agent)-",
        ),
        config=yaml.safe_dump(mirrors),
    )  # fmt: skip


def _minikube(local: LocalCluster, nodes: int) -> Way:
    """Its registry listens on the node's port 5000, which the node's containers call localhost."""
    start = ("minikube", "start", "--profile", local.name, "--driver=docker", "--embed-certs")
    ports = f"--ports=127.0.0.1:{local.ports.registry}:5000"
    return Way(
        exists=("minikube", "status", "--profile", local.name, "--format={{.Name}}"),
        create=((*start, ports, f"--nodes={nodes}", "--addons=registry"),),
        start=(start,),
        delete=(("minikube", "delete", "--profile", local.name),),
        nodes=("minikube", "node", "list", "--profile", local.name),
    )


WAYS: dict[Tool, Callable[[LocalCluster, int], Way]] = {
    "kind": _kind,
    "k3d": _k3d,
    "minikube": _minikube,
}
