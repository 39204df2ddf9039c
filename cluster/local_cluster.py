"""The cluster's name, ports and files."""

from dataclasses import dataclass
from pathlib import Path

from airgap import directories

STACK = "local"
"""The stack whose stack file is for this cluster."""


def directory() -> Path:
    """The files of the cluster that `make cluster` starts."""
    return directories.data() / "cluster"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Ports on 127.0.0.1. Choose others where another program uses these."""

    api: int = 6443
    registry: int = 5000
    http: int = 10080
    https: int = 10443


@dataclass(frozen=True, kw_only=True)
class LocalCluster:
    """The container, its volume, the node and the kubeconfig context all have this name."""

    name: str = "ai-platform-local"
    ports: Ports = Ports()
    folder: Path

    @property
    def registry(self) -> str:
        """A stack's setting `registry.url`: the same on the host and in the cluster."""
        return f"localhost:{self.ports.registry}"

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"
