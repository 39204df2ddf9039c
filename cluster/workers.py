"""The nodes other than the first. They hold no data, so they can be added and removed."""

from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import engine_images
from airgap.command import AirgapError, run, succeeds
from airgap.report import Report
from cluster import images, node, node_container
from cluster.local_cluster import LocalCluster
from cluster.node_container import CLUSTER_LABEL, STATE

CREDENTIALS = "/usr/local/lib/cluster/credentials"
"""The first node's script that writes the credentials with which a worker joins."""

DRAIN_SECONDS = 60
"""Seconds that the pods of a node may take to move to other nodes before it is removed."""


def names(cluster: LocalCluster, nodes: int) -> list[str]:
    """The names of the workers of a cluster with this number of nodes."""
    return [f"{cluster.name}-{number}" for number in range(2, nodes + 1)]


def existing(cluster: LocalCluster) -> list[str]:
    """The names of the workers that exist, running or not."""
    output = run(
        "docker", "ps", "--all", "--format={{.Names}}",
        f"--filter=label={CLUSTER_LABEL}={cluster.name}",
    )  # fmt: skip
    return sorted(name for name in output.split() if name != cluster.name)


def ensure(cluster: LocalCluster, nodes: int, report: Report) -> None:
    """Add or remove workers until the cluster, whose first node runs, has this number of nodes."""
    workers = names(cluster, nodes)
    for name in existing(cluster):
        if name not in workers:
            leave(cluster, name, report)
    for name in workers:
        join(cluster, name, report)


def join(cluster: LocalCluster, name: str, report: Report) -> None:
    """Start a worker; a new one gets its credentials first."""
    first = node.inspect(cluster)
    if first is None:
        raise AirgapError(f"{cluster.name} does not exist: {name} cannot join it")
    image = engine_images.expect(images.NODE.reference).id
    if node_container.create(name, creation(cluster, name, first["Id"], image), report):
        _copy_credentials(cluster, name)
    node_container.start(name, report)


def creation(cluster: LocalCluster, name: str, first: str, image: str) -> list[str]:
    """The arguments of `docker create`.

    The link keeps the first node's address in /etc/hosts, and updates it when that node restarts
    with another address. A Docker network would use Docker's name server instead, which pods
    cannot reach.
    """
    options = [f"--link={first}:{cluster.name}", f"--env=FIRST_NODE={cluster.name}"]
    return node_container.creation(cluster, name, options, image)


def leave(cluster: LocalCluster, name: str, report: Report) -> None:
    """Move the pods of a worker to other nodes, and remove it."""
    drained = succeeds(
        "docker", "exec", cluster.name, "kubectl", "drain", name, "--ignore-daemonsets",
        "--delete-emptydir-data", "--force", f"--timeout={DRAIN_SECONDS}s",
    )  # fmt: skip
    node_container.remove(name)
    node.inside(cluster, "kubectl", "delete", "node", name, "--ignore-not-found")
    remaining = "" if drained else f", with pods that had not moved after {DRAIN_SECONDS} s"
    report(f"{name}: removed{remaining}")


def remove(cluster: LocalCluster) -> None:
    """Remove all workers without moving their pods."""
    for name in existing(cluster):
        node_container.remove(name)


def _copy_credentials(cluster: LocalCluster, name: str) -> None:
    node.inside(cluster, CREDENTIALS, name)
    with TemporaryDirectory() as scratch:
        credentials = Path(scratch) / "credentials"
        run("docker", "cp", f"{cluster.name}:{STATE}/credentials/{name}", credentials)
        run("docker", "cp", f"{credentials}/.", f"{name}:{STATE}/kubernetes")
    node.inside(cluster, "rm", "-r", f"{STATE}/credentials/{name}")
