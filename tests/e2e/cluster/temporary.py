"""A cluster of the tests' own: its names, ports and state meet nobody else's."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cluster.local_cluster import LocalCluster, Ports
from operations import cluster
from operations.workspace import cache_directory
from tests.e2e.stack import free_ports


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster that runs, asked through the kubeconfig that its user gets."""

    local: LocalCluster

    def kubectl(self, *words: str, given: str | None = None) -> str:
        """What kubectl prints; CalledProcessError where it fails."""
        command = [str(cache_directory() / "bin" / "kubernetes"), "kubectl", *words]
        return subprocess.run(
            [*command, f"--kubeconfig={self.local.kubeconfig}"],
            input=given,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "--filename=-", given=yaml.safe_dump_all(objects))

    def get(self, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.kubectl("get", *words, "--output=json"))
        return found

    def rolled_out(self, namespace: str, name: str) -> None:
        """Return when a deployment's pods are ready."""
        where = (f"deployment/{name}", f"--namespace={namespace}", "--timeout=90s")
        self.kubectl("rollout", "status", *where)

    def finished(self, namespace: str, pod: str, within: int = 60) -> str:
        """What a pod has printed when it ends well."""
        done = "--for=jsonpath={.status.phase}=Succeeded"
        self.kubectl("wait", done, f"pod/{pod}", f"--namespace={namespace}", f"--timeout={within}s")
        return self.kubectl("logs", pod, f"--namespace={namespace}")


@contextmanager
def temporary_cluster(name: str, nodes: int = 1) -> Iterator[Cluster]:
    """Our own cluster, whatever tools this machine has; nothing of it is left at the end."""
    ports = Ports(**free_ports(("api", "registry", "http", "https")))
    # Apart from the stacks' directories, which stand in the same folder under names like these.
    folder = Path(tempfile.gettempdir()) / "ai-platform-clusters" / name
    local = LocalCluster(name=name, ports=ports, folder=folder)
    cluster.down(local)
    try:
        cluster.own(local, nodes)
        yield Cluster(local=local)
    finally:
        cluster.down(local)
        _forget_names(local.registry)


def _forget_names(registry: str) -> None:
    """What was pushed has a name in the engine for a port that no later run has."""
    listed = ["docker", "image", "ls", "--format={{.Repository}}:{{.Tag}}"]
    names = subprocess.run(
        [*listed, f"--filter=reference={registry}/*/*"], check=True, capture_output=True, text=True
    ).stdout.split()
    if names:
        subprocess.run(["docker", "image", "rm", *names], check=True, capture_output=True)
