"""A cluster of kind, k3d or minikube, whose registry has the same name inside and outside."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from airgap.command import AirgapError, run, succeeds
from airgap.report import Report
from cluster import kubeconfig
from cluster.choose_tool import Tool
from cluster.local_cluster import LocalCluster

CONFIG = "{config}"
"""The placeholder in a command for the path of the file with the content `ToolCommands.config`."""

REGISTRY_IMAGE = "registry:2.8.3"
NODE_REGISTRIES = "/etc/containerd/certs.d"

Command = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ToolCommands:
    """A tool's commands; they write into the file that KUBECONFIG names."""

    exists: Command
    create: tuple[Command, ...]
    start: tuple[Command, ...]
    delete: tuple[Command, ...]
    nodes: Command
    """Prints one line for each node."""
    config: str = ""


def up(tool: Tool, cluster: LocalCluster, nodes: int | None, report: Report) -> None:
    """Create or start the tool's cluster; a cluster whose creation fails is removed again.

    Raises AirgapError where the cluster exists with another number of nodes.
    """
    exists = succeeds(*COMMANDS[tool](cluster, 1).exists)
    count = _count(tool, cluster) if exists else nodes or 1
    if nodes not in (None, count):
        raise AirgapError(
            f"{tool}: the cluster {cluster.name} has {count} nodes, not {nodes}. Their number "
            "is fixed when the cluster is created.\n"
            f"Remove the cluster first: make cluster-down && make cluster NODES={nodes}"
        )
    commands = COMMANDS[tool](cluster, count)
    with TemporaryDirectory() as scratch:
        config, kubeconfig_file = Path(scratch) / "config.yaml", Path(scratch) / "kubeconfig"
        config.write_text(commands.config)
        try:
            for command in commands.start if exists else commands.create:
                words = [word.replace(CONFIG, str(config)) for word in command]
                run(*words, env={"KUBECONFIG": str(kubeconfig_file)})
        except AirgapError:
            if not exists:
                down(tool, cluster)
            raise
        report(f"{tool}: cluster {cluster.name} {'started' if exists else 'created'}")
        plain = yaml.safe_load(kubeconfig_file.read_text())
    kubeconfig.write(cluster, kubeconfig.renamed(plain, cluster.name))


def down(tool: Tool, cluster: LocalCluster) -> None:
    """Remove the cluster and its registry."""
    for command in COMMANDS[tool](cluster, 1).delete:
        run(*command)


def existing(cluster: LocalCluster) -> Tool | None:
    """The tool that created this cluster, or None."""
    for tool, commands in COMMANDS.items():
        if succeeds(*commands(cluster, 1).exists):
            return tool
    return None


def _count(tool: Tool, cluster: LocalCluster) -> int:
    """The number of nodes of the tool's cluster."""
    return len(run(*COMMANDS[tool](cluster, 1).nodes).splitlines())


def _kind(cluster: LocalCluster, nodes: int) -> ToolCommands:
    """With a local registry as kind's documentation connects it."""
    name, registry = cluster.name, f"{cluster.name}-registry"
    workers = [f"{name}-worker{'' if number == 1 else number}" for number in range(1, nodes)]
    containers = (f"{name}-control-plane", *workers)
    hosts = f"{NODE_REGISTRIES}/{cluster.registry}"
    url = f"http://{registry}:5000"
    lines = f"'server = \"{url}\"' '[host.\"{url}\"]'"
    mirror = f"mkdir -p {hosts} && printf '%s\\n' {lines} > {hosts}/hosts.toml"
    section = '[plugins."io.containerd.grpc.v1.cri".registry]'
    config = {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "networking": {"apiServerAddress": "127.0.0.1", "apiServerPort": cluster.ports.api},
        "containerdConfigPatches": [f'{section}\n  config_path = "{NODE_REGISTRIES}"\n'],
        "nodes": [{"role": "control-plane"}, *({"role": "worker"} for _ in workers)],
    }
    return ToolCommands(
        exists=("kind", "get", "kubeconfig", "--name", name),
        create=(
            ("kind", "create", "cluster", "--name", name, "--config", CONFIG),
            (
                "docker", "run", "--detach", "--restart=always", f"--name={registry}",
                "--network=kind", f"--publish=127.0.0.1:{cluster.ports.registry}:5000",
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


def _k3d(cluster: LocalCluster, nodes: int) -> ToolCommands:
    name, registry = cluster.name, f"k3d-{cluster.name}-registry"
    mirrors = {"mirrors": {cluster.registry: {"endpoint": [f"http://{registry}:5000"]}}}
    return ToolCommands(
        exists=("k3d", "kubeconfig", "get", name),
        create=(
            (
                "k3d", "registry", "create", f"{name}-registry",
                "--port", f"127.0.0.1:{cluster.ports.registry}",
            ),
            (
                "k3d", "cluster", "create", name, "--wait", "--agents", str(nodes - 1),
                "--api-port", f"127.0.0.1:{cluster.ports.api}",
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
        # `k3d node list` would also print the load balancer and the registry.
        nodes=(
            "docker", "ps", "--all", "--format={{.Names}}",
            f"--filter=name=^/?k3d-{name}-(server|agent)-",
        ),
        config=yaml.safe_dump(mirrors),
    )  # fmt: skip


def _minikube(cluster: LocalCluster, nodes: int) -> ToolCommands:
    """minikube's registry listens on the node's port 5000: localhost:5000 for the node."""
    start = ("minikube", "start", "--profile", cluster.name, "--driver=docker", "--embed-certs")
    ports = f"--ports=127.0.0.1:{cluster.ports.registry}:5000"
    return ToolCommands(
        exists=("minikube", "status", "--profile", cluster.name, "--format={{.Name}}"),
        create=((*start, ports, f"--nodes={nodes}", "--addons=registry"),),
        start=(start,),
        delete=(("minikube", "delete", "--profile", cluster.name),),
        nodes=("minikube", "node", "list", "--profile", cluster.name),
    )


COMMANDS: dict[Tool, Callable[[LocalCluster, int], ToolCommands]] = {
    "kind": _kind,
    "k3d": _k3d,
    "minikube": _minikube,
}
