"""Where the cluster is: its name, its ports, its files."""

from dataclasses import dataclass
from pathlib import Path

API_PORT = 6443
REGISTRY_PORT = 5000
"""Kubernetes' and the registry's own ports; others where these are taken."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The names are the container's, its volume's, the node's and the kubeconfig context's.

    Ports are on 127.0.0.1.
    """

    name: str = "ai-platform-local"
    api_port: int = API_PORT
    registry_port: int = REGISTRY_PORT
    folder: Path

    @property
    def registry(self) -> str:
        """As in a stack's setting `registry.url`: the same outside and inside the cluster."""
        return f"localhost:{self.registry_port}"

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"
