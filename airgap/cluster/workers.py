"""The nodes beside the first. They hold no data, so that they can come and go."""

from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import built
from airgap.cluster import container, images, node
from airgap.cluster.container import CLUSTER_LABEL, STATE, Report
from airgap.cluster.place import Place
from airgap.command import AirgapError, run, succeeds

CREDENTIALS = "/usr/local/lib/cluster/credentials"
"""The first node's own script, which makes what a further node needs to join."""

DRAIN_SECONDS = 60
"""How long the pods of a node that goes may take to move to the others."""


def names(place: Place, nodes: int) -> list[str]:
    """The further nodes of a cluster with so many nodes."""
    return [f"{place.name}-{number}" for number in range(2, nodes + 1)]


def existing(place: Place) -> list[str]:
    """The further nodes that there are, whether they run or not."""
    listed = run(
        "docker", "ps", "--all", "--format={{.Names}}",
        f"--filter=label={CLUSTER_LABEL}={place.name}",
    )  # fmt: skip
    return sorted(name for name in listed.split() if name != place.name)


def ensure(place: Place, nodes: int, report: Report) -> None:
    """Have so many nodes in the cluster, whose first one runs."""
    wanted = names(place, nodes)
    for name in existing(place):
        if name not in wanted:
            leave(place, name, report)
    for name in wanted:
        join(place, name, report)


def join(place: Place, name: str, report: Report) -> None:
    """Have a further node running."""
    first = node.inspect(place)
    if first is None:
        raise AirgapError(f"{place.name}: there is no first node that {name} could join")
    image = built.expect(images.NODE.reference).id
    if container.make(name, creation(place, name, first["Id"], image), report):
        _copy_credentials(place, name)
    container.start(name, report)


def creation(place: Place, name: str, first: str, image: str) -> list[str]:
    """The arguments of `docker create`.

    The link keeps the first node's address in /etc/hosts, also when that starts again with another
    one. A network of our own would do the same by Docker's name server, which pods cannot ask.
    """
    own = [f"--link={first}:{place.name}", f"--env=FIRST_NODE={place.name}"]
    return container.creation(place, name, own, image)


def leave(place: Place, name: str, report: Report) -> None:
    """Move the pods of a further node to the others, and remove it."""
    drained = succeeds(
        "docker", "exec", place.name, "kubectl", "drain", name, "--ignore-daemonsets",
        "--delete-emptydir-data", "--force", f"--timeout={DRAIN_SECONDS}s",
    )  # fmt: skip
    container.remove(name)
    node.inside(place, "kubectl", "delete", "node", name, "--ignore-not-found")
    left = "" if drained else f", with pods that had not moved after {DRAIN_SECONDS} s"
    report(f"{name}: removed{left}")


def remove(place: Place) -> None:
    """Remove all further nodes, of a cluster that goes as a whole."""
    for name in existing(place):
        container.remove(name)


def _copy_credentials(place: Place, name: str) -> None:
    node.inside(place, CREDENTIALS, name)
    with TemporaryDirectory() as scratch:
        made = Path(scratch) / "credentials"
        run("docker", "cp", f"{place.name}:{STATE}/credentials/{name}", made)
        run("docker", "cp", f"{made}/.", f"{name}:{STATE}/kubernetes")
    node.inside(place, "rm", "-r", f"{STATE}/credentials/{name}")
