"""Attempts to open TCP connections from the network namespace of a pod or of a node."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from operations import docker_stack

OPENS_WITHIN = 3
"""Seconds. The firewall rejects a forbidden connection at once."""

# This runs with the node's own tools, because not every image has bash.
CONNECT = """
for server in "$@"; do
    (timeout "$0" bash -c "exec 3<> /dev/tcp/$server" 2> /dev/null && echo "$server") &
done
wait
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A port of an address; several servers may share a `name`."""

    name: str
    address: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Client:
    """A pod with the id of one of its processes, or a node, where `process` is None."""

    name: str
    node: str
    addresses: tuple[str, ...] = ()
    process: int | None = None

    def opens(self, servers: Iterable[Server]) -> set[Server]:
        """The servers that accept a connection, without the client's own addresses."""
        others = {
            f"{server.address}/{server.port}": server
            for server in servers
            if server.address not in self.addresses
        }
        enter = ["nsenter", f"--target={self.process}", "--net"] if self.process else []
        output = docker_stack.docker(
            "exec", self.node, *enter, "bash", "-c", CONNECT, str(OPENS_WITHIN), *others
        )
        return {others[line] for line in output.split()}


def pod_client(name: str, pod: Mapping[str, Any], processes: Mapping[str, int]) -> Client:
    """A pod as a client; `processes` has the process of each container by id."""
    container = pod["status"]["containerStatuses"][0]["containerID"].rpartition("/")[2]
    return Client(
        name=name,
        node=pod["spec"]["nodeName"],
        addresses=(pod["status"]["podIP"],),
        process=processes[container],
    )


def processes(nodes: Iterable[str]) -> dict[str, int]:
    """A process of each running container on these nodes, by the container's id."""
    processes: dict[str, int] = {}
    for node in nodes:
        tasks = docker_stack.docker("exec", node, "ctr", "--namespace", "k8s.io", "task", "list")
        for line in tasks.splitlines()[1:]:
            container, process, status = line.split()
            if status == "RUNNING":
                processes[container] = int(process)
    return processes
