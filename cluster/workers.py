"""The nodes beside the first. They hold no data, so that they can come and go."""

from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import built
from airgap.command import AirgapError, run, succeeds
from cluster import container, images, node
from cluster.container import CLUSTER_LABEL, STATE, Report
from cluster.local_cluster import LocalCluster

CREDENTIALS = "/usr/local/lib/cluster/credentials"
"""The first node's own script, which makes what a further node needs to join."""

DRAIN_SECONDS = 60
"""How long the pods of a node that goes may take to move to the others."""


def names(local: LocalCluster, nodes: int) -> list[str]:
    """The further nodes of a cluster with so many nodes."""
    return [f"{local.name}-{number}" for number in range(2, nodes + 1)]


def existing(local: LocalCluster) -> list[str]:
    """The further nodes that there are, whether they run or not."""
    listed = run(
        "docker", "ps", "--all", "--format={{.Names}}",
        f"--filter=label={CLUSTER_LABEL}={local.name}",
    )  # fmt: skip
    return sorted(name for name in listed.split() if name != local.name)


def ensure(local: LocalCluster, nodes: int, report: Report) -> None:
    """Have so many nodes in the cluster, whose first one runs."""
    wanted = names(local, nodes)
    for name in existing(local):
        if name not in wanted:
            leave(local, name, report)
    for name in wanted:
        join(local, name, report)


def join(local: LocalCluster, name: str, report: Report) -> None:
    """Have a further node running."""
    first = node.inspect(local)
    if first is None:
        raise AirgapError(f"{local.name}: there is no first node that {name} could join")
    image = built.expect(images.NODE.reference).id
    if container.make(name, creation(local, name, first["Id"], image), report):
        _copy_credentials(local, name)
    container.start(name, report)


def creation(local: LocalCluster, name: str, first: str, image: str) -> list[str]:
    """The arguments of `docker create`.

    The link keeps the first node's address in /etc/hosts, also when that starts again with another
    one. A network of our own would do the same by Docker's name server, which pods cannot ask.
    """
    own = [f"--link={first}:{local.name}", f"--env=FIRST_NODE={local.name}"]
    return container.creation(local, name, own, image)


def leave(local: LocalCluster, name: str, report: Report) -> None:
    """Move the pods of a further node to the others, and remove it."""
    drained = succeeds(
        "docker", "exec", local.name, "kubectl", "drain", name, "--ignore-daemonsets",
        "--delete-emptydir-data", "--force", f"--timeout={DRAIN_SECONDS}s",
    )  # fmt: skip
    container.remove(name)
    node.inside(local, "kubectl", "delete", "node", name, "--ignore-not-found")
    left = "" if drained else f", with pods that had not moved after {DRAIN_SECONDS} s"
    report(f"{name}: removed{left}")


def remove(local: LocalCluster) -> None:
    """Remove all further nodes, of a cluster that goes as a whole."""
    for name in existing(local):
        container.remove(name)


def _copy_credentials(local: LocalCluster, name: str) -> None:
    node.inside(local, CREDENTIALS, name)
    with TemporaryDirectory() as scratch:
        made = Path(scratch) / "credentials"
        run("docker", "cp", f"{local.name}:{STATE}/credentials/{name}", made)
        run("docker", "cp", f"{made}/.", f"{name}:{STATE}/kubernetes")
    node.inside(local, "rm", "-r", f"{STATE}/credentials/{name}")
