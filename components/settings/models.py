"""What a stack's configuration may say: one model per key, each tier's in a module of its own.

The text of each field is the text of docs/configuration.md.
"""

from typing import Literal

from pydantic import Field

from components.settings.api import Api, Credential, DataVolume, Service
from components.settings.cache import Cache, ExternalCache
from components.settings.data import Data, ExternalDatabase, Pooler, SslMode
from components.settings.docker import Certificate, Docker, DockerPorts
from components.settings.external import ExternalServer
from components.settings.images import CatalogueName, ImageName, Images, Registry
from components.settings.kubernetes import Kubernetes
from components.settings.model import Model
from components.settings.observability import (
    Mail,
    Observability,
    OperatorOfPrometheus,
    Receiver,
    Webhook,
)
from components.settings.plugins import Plugins
from components.settings.web import Web
from components.settings.workload import OutsideServer, Replicas, Workload

__all__ = [
    "Api",
    "Cache",
    "CatalogueName",
    "Certificate",
    "Credential",
    "Data",
    "DataVolume",
    "Docker",
    "DockerPorts",
    "ExternalCache",
    "ExternalDatabase",
    "ExternalServer",
    "ImageName",
    "Images",
    "Kubernetes",
    "Mail",
    "Observability",
    "OperatorOfPrometheus",
    "OutsideServer",
    "Plugins",
    "Pooler",
    "Receiver",
    "Registry",
    "Replicas",
    "Service",
    "Settings",
    "SslMode",
    "Web",
    "Webhook",
    "Workload",
]


class Settings(Model):
    """The configuration of a stack."""

    target: Literal["docker", "kubernetes"] = Field(description="Where the stack runs.")
    registry: Registry | None = Field(None, description="A mirror that every image comes from.")
    images: Images = Field(Images(), description="Which images run.")
    data: Data = Field(Data(), description="PostgreSQL.")
    cache: Cache = Field(Cache(), description="Redis.")
    api: Api = Field(default_factory=lambda: Api.model_validate({}), description="API services.")
    web: Web = Field(default_factory=lambda: Web.model_validate({}), description="The web tier.")
    observability: Observability = Field(Observability(), description="Monitoring.")
    docker: Docker = Field(Docker(), description="What only the Docker target needs.")
    kubernetes: Kubernetes = Field(
        Kubernetes(), description="What only the Kubernetes target needs."
    )
    plugins: Plugins = Field(
        default_factory=lambda: Plugins.model_validate({}),
        description="Versions of Pulumi's provider plugins. `make up` writes them where it "
        "compiles plugins: into the overlay file of a Docker stack, and for all stacks on clusters "
        "into one file of this machine.",
    )

    @property
    def certificate(self) -> Certificate | None:
        """The certificate that the web tier serves itself; on a cluster its Ingress has it."""
        return self.docker.tls if self.target == "docker" else None

    @property
    def tls_ends_before_web(self) -> bool:
        """Whether people come to the web tier by an Ingress, which ends their TLS."""
        return self.url("web") is not None

    def url(self, endpoint: str) -> str | None:
        """Where people find an endpoint that has a host name of its own; None where it has none."""
        host = self.kubernetes.ingress.hosts.get(endpoint)
        return f"https://{host}" if host and self.target == "kubernetes" else None
