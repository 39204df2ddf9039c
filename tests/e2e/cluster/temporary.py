"""A temporary cluster with its own names, ports and state."""

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
from tests.e2e.stack import eventually, free_ports


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running cluster, used through the kubeconfig that its user gets."""

    local_cluster: LocalCluster

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        """Run kubectl and return its output. Raises CalledProcessError where it fails, with what
        kubectl says."""
        command = [str(cache_directory() / "bin" / "kubernetes"), "kubectl", *words]
        result = subprocess.run(
            [*command, f"--kubeconfig={self.local_cluster.kubeconfig}"],
            input=stdin,
            check=False,
            capture_output=True,
            text=True,
        )
        try:
            result.check_returncode()
        except subprocess.CalledProcessError as error:
            error.add_note(result.stderr)
            raise
        return result.stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        """Apply the objects. On a busy machine the API server may not accept a request at once."""
        text = yaml.safe_dump_all(objects)
        eventually(
            lambda: [self.kubectl("apply", "--filename=-", stdin=text)], within=20, interval=1
        )

    def get(self, *words: str) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.kubectl("get", *words, "--output=json"))
        return result

    def uid(self) -> str:
        """The identity of the cluster."""
        uid: str = self.get("namespace", "kube-system")["metadata"]["uid"]
        return uid

    def wait_for_deployment(self, namespace: str, name: str) -> None:
        """Return when a deployment's pods are ready."""
        options = (f"deployment/{name}", f"--namespace={namespace}", "--timeout=90s")
        self.kubectl("rollout", "status", *options)

    def pod_output(self, namespace: str, pod: str, within: int = 60) -> str:
        """The output of a pod, once it has succeeded."""
        condition = "--for=jsonpath={.status.phase}=Succeeded"
        self.kubectl(
            "wait", condition, f"pod/{pod}", f"--namespace={namespace}", f"--timeout={within}s"
        )
        return self.kubectl("logs", pod, f"--namespace={namespace}")


@contextmanager
def temporary_cluster(name: str, nodes: int = 1) -> Iterator[Cluster]:
    """Our own cluster, even where this machine has kind; everything of it is removed at the end."""
    ports = Ports(**free_ports(("api", "registry", "http", "https")))
    # Separate from the stacks' directories, which have similar names in the temporary folder.
    folder = Path(tempfile.gettempdir()) / "ai-platform-clusters" / name
    local_cluster = LocalCluster(name=name, ports=ports, folder=folder)
    cluster.down(local_cluster)
    try:
        cluster.own(local_cluster, nodes)
        yield Cluster(local_cluster=local_cluster)
    finally:
        cluster.down(local_cluster)
        _remove_tags(local_cluster.registry)


def _remove_tags(registry: str) -> None:
    """Remove the tags of pushed images: they name a port that no later run uses."""
    command = ["docker", "image", "ls", "--format={{.Repository}}:{{.Tag}}"]
    tags = subprocess.run(
        [*command, f"--filter=reference={registry}/*/*"], check=True, capture_output=True, text=True
    ).stdout.split()
    if tags:
        subprocess.run(["docker", "image", "rm", *tags], check=True, capture_output=True)
