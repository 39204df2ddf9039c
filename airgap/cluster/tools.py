"""A cluster by kind, k3d or minikube, with a registry that has one name in it and outside."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from airgap.cluster import kubeconfig
from airgap.cluster.choose import Tool
from airgap.cluster.place import Place
from airgap.command import AirgapError, run, succeeds

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
    config: str = ""


def up(tool: Tool, place: Place, report: Report) -> None:
    """Have the tool's cluster running. One that is only half made is taken away again."""
    way = WAYS[tool](place)
    with TemporaryDirectory() as scratch:
        config, written = Path(scratch) / "config.yaml", Path(scratch) / "kubeconfig"
        config.write_text(way.config)
        there = succeeds(*way.exists)
        try:
            for command in way.start if there else way.create:
                words = [word.replace(CONFIG, str(config)) for word in command]
                run(*words, env={"KUBECONFIG": str(written)})
        except AirgapError:
            if not there:
                down(tool, place)
            raise
        report(f"{tool}: cluster {place.name} {'started' if there else 'created'}")
        found = yaml.safe_load(written.read_text())
    kubeconfig.write(place, kubeconfig.named(found, place.name))


def down(tool: Tool, place: Place) -> None:
    """Take the cluster and its registry away."""
    for command in WAYS[tool](place).delete:
        run(*command)


def existing(place: Place) -> Tool | None:
    """The tool that has made our cluster, or none."""
    return next((tool for tool, way in WAYS.items() if succeeds(*way(place).exists)), None)


def _kind(place: Place) -> Way:
    """As kind's documentation connects a local registry."""
    name, registry, node = place.name, f"{place.name}-registry", f"{place.name}-control-plane"
    hosts = f"{NODE_REGISTRIES}/{place.registry}"
    mirror = f"mkdir -p {hosts} && echo '[host.\"http://{registry}:5000\"]' > {hosts}/hosts.toml"
    section = '[plugins."io.containerd.grpc.v1.cri".registry]'
    config = {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "networking": {"apiServerAddress": "127.0.0.1", "apiServerPort": place.ports.api},
        "containerdConfigPatches": [f'{section}\n  config_path = "{NODE_REGISTRIES}"\n'],
    }
    return Way(
        exists=("kind", "get", "kubeconfig", "--name", name),
        create=(
            ("kind", "create", "cluster", "--name", name, "--config", CONFIG),
            (
                "docker", "run", "--detach", "--restart=always", f"--name={registry}",
                "--network=kind", f"--publish=127.0.0.1:{place.ports.registry}:5000",
                REGISTRY_IMAGE,
            ),
            ("docker", "exec", node, "sh", "-c", mirror),
        ),
        start=(
            ("docker", "start", node, registry),
            ("kind", "export", "kubeconfig", "--name", name),
        ),
        delete=(
            ("kind", "delete", "cluster", "--name", name),
            ("docker", "rm", "--force", "--volumes", registry),
        ),
        config=yaml.safe_dump(config, sort_keys=False),
    )  # fmt: skip


def _k3d(place: Place) -> Way:
    name, registry = place.name, f"k3d-{place.name}-registry"
    mirrors = {"mirrors": {place.registry: {"endpoint": [f"http://{registry}:5000"]}}}
    return Way(
        exists=("k3d", "kubeconfig", "get", name),
        create=(
            (
                "k3d", "registry", "create", f"{name}-registry",
                "--port", f"127.0.0.1:{place.ports.registry}",
            ),
            (
                "k3d", "cluster", "create", name, "--wait",
                "--api-port", f"127.0.0.1:{place.ports.api}",
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
        config=yaml.safe_dump(mirrors),
    )  # fmt: skip


def _minikube(place: Place) -> Way:
    """Its registry listens on the node's port 5000, which the node's containers call localhost."""
    start = ("minikube", "start", "--profile", place.name, "--driver=docker", "--embed-certs")
    ports = f"--ports=127.0.0.1:{place.ports.registry}:5000"
    return Way(
        exists=("minikube", "status", "--profile", place.name, "--format={{.Name}}"),
        create=((*start, ports, "--addons=registry"),),
        start=(start,),
        delete=(("minikube", "delete", "--profile", place.name),),
    )


WAYS: dict[Tool, Callable[[Place], Way]] = {"kind": _kind, "k3d": _k3d, "minikube": _minikube}
