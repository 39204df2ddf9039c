"""Where the cluster is: its name, its ports, its files."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Ports:
    """On 127.0.0.1; others are a setting, for where these are taken."""

    api: int = 6443
    registry: int = 5000
    http: int = 10080
    https: int = 10443


@dataclass(frozen=True, kw_only=True)
class LocalCluster:
    """The name is the container's, its volume's, the node's and the kubeconfig context's."""

    name: str = "ai-platform-local"
    ports: Ports = Ports()
    folder: Path

    @property
    def registry(self) -> str:
        """As in a stack's setting `registry.url`: the same outside and inside the cluster."""
        return f"localhost:{self.ports.registry}"

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"
