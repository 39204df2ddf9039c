"""All settings of a stack, and the rules that they must follow."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from pydantic import Field, SecretStr

from components.settings import (
    api,
    cache,
    data,
    database,
    docker,
    images,
    kubernetes,
    names,
    observability,
    secrets,
    web,
)
from components.settings.api import Api
from components.settings.base import Model
from components.settings.cache import Cache
from components.settings.data import Data
from components.settings.docker import Certificate, Docker
from components.settings.http_service import HttpService
from components.settings.images import Images, Registry
from components.settings.kubernetes import Kubernetes
from components.settings.observability import Observability
from components.settings.plugins import Plugins
from components.settings.problems import Problem
from components.settings.shapes import SecretName
from components.settings.web import Web


class Settings(Model):
    """The settings of a stack."""

    EXAMPLE = """
        config:
          ai-platform:target: docker
          ai-platform:data:
            size: 20Gi
          ai-platform:api:
            services:
              backend:
                replicas: 2
              reports:
                image: registry.example.com/acme/reports:1.4.2
          ai-platform:docker:
            ports:
              web: 18080
    """

    target: Literal["docker", "kubernetes"] = Field(description="Where the stack runs.")
    production: bool | None = Field(
        None,
        description="Whether people depend on the stack. Then a receiver of alerts is required, or "
        "`observability.receiver: none`. By default it is true on Kubernetes and false on Docker.",
    )
    secrets: dict[SecretName, SecretStr | None] = Field(
        default_factory=dict,
        description="Your own secrets, such as the key of a model provider's API, for "
        "`${secret.NAME}` in the values of services. `null` generates one, which is kept like "
        "data. A Secret of the cluster is named in `kubernetes.secrets` instead, as `secret.NAME`.",
    )
    registry: Registry | None = Field(None, description="A mirror that every image is pulled from.")
    images: Images = Field(Images(), description="Which images run.")
    data: Data = Field(Data(), description="PostgreSQL.")
    cache: Cache = Field(Cache(), description="Redis.")
    api: Api = Field(
        default_factory=lambda: Api.model_validate({}), description="The API services."
    )
    web: Web = Field(default_factory=lambda: Web.model_validate({}), description="The web tier.")
    observability: Observability = Field(
        Observability(), description="Prometheus, Alertmanager, Grafana and the exporters."
    )
    docker: Docker = Field(Docker(), description="The settings of the Docker target.")
    kubernetes: Kubernetes = Field(
        Kubernetes(), description="The settings of the Kubernetes target."
    )
    plugins: Plugins = Field(
        default_factory=lambda: Plugins.model_validate({}),
        description="Versions of Pulumi's provider plugins. Where `make up` compiles plugins, it "
        "writes them: to the overlay file of a Docker stack, and to one file of this machine for "
        "all stacks on clusters.",
    )

    @property
    def in_production(self) -> bool:
        """Whether people depend on the stack."""
        return self.target == "kubernetes" if self.production is None else self.production

    @property
    def http_services(self) -> Mapping[str, HttpService]:
        """The web tier and the API services, by the dotted path of their settings."""
        services = {f"api.services.{name}": service for name, service in self.api.services.items()}
        return {"web": self.web, **services}

    @property
    def certificate(self) -> Certificate | None:
        """The certificate that the web tier serves; on a cluster the Ingress serves it instead."""
        return self.docker.tls if self.target == "docker" else None

    @property
    def tls_ends_before_web(self) -> bool:
        """Whether people reach the web tier through an Ingress, which terminates their TLS."""
        return self.url("web") is not None

    @property
    def has_scheduler(self) -> bool:
        """Whether a scheduler with metrics runs the jobs on a schedule. A cluster has its own."""
        return self.target == "docker"

    def url(self, endpoint: str) -> str | None:
        """The URL of an endpoint that has a host name; None for any other endpoint."""
        host = self.kubernetes.ingress.hosts.get(endpoint)
        return f"https://{host}" if host and self.target == "kubernetes" else None

    def published_port(self, endpoint: str) -> int | None:
        """The port of this machine that leads to an endpoint; None for a stack on a cluster."""
        return self.docker.ports.by_endpoint().get(endpoint) if self.target == "docker" else None


RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    images.rules,
    data.rules,
    database.rules,
    cache.rules,
    names.rules,
    api.rules,
    web.rules,
    observability.rules,
    docker.rules,
    kubernetes.rules,
    secrets.rules,
)


def broken_rules(settings: Settings) -> Iterator[Problem]:
    """The problems of values that are valid alone, but not together."""
    for rules in RULES:
        yield from rules(settings)
