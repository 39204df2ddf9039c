"""Whether TCP connections open, asked from the network namespace of any pod or of a node itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from operations import docker_stack

OPENS_WITHIN = 3
"""Seconds. A connection that a policy forbids is refused at once."""

# The node's own tools: not every image has a shell, and none but the probes' own has this one.
ASK = """
for each in "$@"; do
    (timeout "$0" bash -c "exec 3<> /dev/tcp/$each" 2> /dev/null && echo "$each") &
done
wait
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A port under an address; `name` is what a test calls it, which several may share."""

    name: str
    address: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Client:
    """A pod, or a node itself where `process` is None: that is any process of the pod."""

    name: str
    node: str
    addresses: tuple[str, ...] = ()
    process: int | None = None

    def opens(self, servers: Iterable[Server]) -> set[Server]:
        """Those of the servers to which a connection opens; never those that are itself."""
        others = {
            f"{server.address}/{server.port}": server
            for server in servers
            if server.address not in self.addresses
        }
        enter = ["nsenter", f"--target={self.process}", "--net"] if self.process else []
        opened = docker_stack.docker(
            "exec", self.node, *enter, "bash", "-c", ASK, str(OPENS_WITHIN), *others
        )
        return {others[line] for line in opened.split()}


def pod_client(name: str, pod: Mapping[str, Any], processes: Mapping[str, int]) -> Client:
    """A pod as a client; `processes` are those of the node that it runs on."""
    container = pod["status"]["containerStatuses"][0]["containerID"].rpartition("/")[2]
    return Client(
        name=name,
        node=pod["spec"]["nodeName"],
        addresses=(pod["status"]["podIP"],),
        process=processes[container],
    )


def processes(nodes: Iterable[str]) -> dict[str, int]:
    """A process of each container that runs on these nodes, by the container's id."""
    found: dict[str, int] = {}
    for node in nodes:
        listed = docker_stack.docker("exec", node, "ctr", "--namespace", "k8s.io", "task", "list")
        for line in listed.splitlines()[1:]:
            container, process, status = line.split()
            if status == "RUNNING":
                found[container] = int(process)
    return found
