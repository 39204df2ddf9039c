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
    outside,
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
        """The page and the API services, by the dotted path of their settings."""
        page = {"web.frontend": self.web.frontend} if self.web.frontend else {}
        services = {f"api.services.{name}": service for name, service in self.api.services.items()}
        return {**page, **services}

    @property
    def has_grafana(self) -> bool:
        """Whether Grafana runs: the settings ask for it, and the catalogue has an image of it."""
        return self.observability.grafana and images.has(self.images, "grafana")

    @property
    def certificate(self) -> Certificate | None:
        """The certificate that the gateway serves; on a cluster the Ingress serves it instead."""
        return self.docker.tls if self.target == "docker" else None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that the Ingress leads to the gateway; none on Docker."""
        return self.web.hosts if self.target == "kubernetes" else ()

    @property
    def has_scheduler(self) -> bool:
        """Whether a scheduler with metrics runs the jobs on a schedule. A cluster has its own."""
        return self.target == "docker"

    def url(self, endpoint: str) -> str | None:
        """The URL at which people reach an endpoint through the gateway.

        None if no route leads to it, or if it has no name outside the stack.
        """
        place = self.web.place_of(endpoint)
        origin = self._origin(place.host or self.web.host) if place else None
        return f"{origin}{place.path}".removesuffix("/") if place and origin else None

    def _origin(self, host: str | None) -> str | None:
        """The scheme, host and port of a host that leads to the gateway; None without a way."""
        if self.target == "kubernetes":
            return f"https://{host}" if host else None
        port = self.docker.ports.web
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{host or self.docker.bind}:{port}" if port else None

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
    outside.rules,
    secrets.rules,
)


def broken_rules(settings: Settings) -> Iterator[Problem]:
    """The problems of values that are valid alone, but not together."""
    for rules in RULES:
        yield from rules(settings)
