"""The names and addresses under which parts of the platform reach each other and other servers."""

from dataclasses import dataclass

PROJECT = "ai-platform"


def host_name(workload: str) -> str:
    """The DNS name by which others reach a workload, the same on every target."""
    return f"{PROJECT}-{workload}"


def metrics_name(workload: str) -> str:
    """The DNS name with one address per replica, by which Prometheus discovers them."""
    return f"{host_name(workload)}-metrics"


def unready_name(workload: str) -> str:
    """The DNS name of every replica of a workload, also of those that are not ready."""
    return f"{host_name(workload)}-all"


@dataclass(frozen=True, kw_only=True)
class Address:
    """One port of a workload, as another workload reaches it."""

    workload: str
    port: int

    @property
    def host(self) -> str:
        return host_name(self.workload)

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Outside:
    """A server that the platform does not run, such as a managed database or a webhook.

    A target that filters by address lets only `cidrs` be reached.
    """

    name: str
    ports: tuple[int, ...]
    cidrs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Pods in another namespace of the same cluster, which the platform does not run."""

    namespace: str
    ports: tuple[int, ...]


Reach = Address | Outside | Neighbour
