"""The settings of the Docker target."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from components.settings.addresses import EngineUrl, IpAddress, PortNumber
from components.settings.base import Model
from components.settings.problems import Problem, nearest
from components.settings.reference_services import BACKEND, DECISION

if TYPE_CHECKING:
    from components.settings.stack import Settings


class Certificate(Model):
    """The TLS certificate of the gateway, for all its hosts."""

    EXAMPLE = """
        config:
          ai-platform:docker:
            bind: 0.0.0.0             # the gateway is open to the network, with TLS
            tls:
              certificate: certificates/fullchain.pem
              key: certificates/privkey.pem
    """

    certificate: str = Field(description="The path of the PEM file with the certificate chain.")
    key: str = Field(description="The path of the PEM file with the private key.")


class DockerPorts(Model):
    """The published ports by endpoint; null publishes none. Add your own services by name."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
          ai-platform:docker:
            ports:
              web: 18080
              decision: null          # not published
              reports: 8100
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, PortNumber | None]

    web: PortNumber | None = Field(
        8080,
        description="The port of the gateway, through which people reach everything. "
        "The other ports are doors for operators and developers, always on loopback.",
    )
    backend: PortNumber | None = Field(8000, description="The port of the backend.")
    decision: PortNumber | None = Field(8001, description="The port of the decision service.")
    grafana: PortNumber | None = Field(3000, description="The port of Grafana.")
    prometheus: PortNumber | None = Field(9090, description="The port of Prometheus, read-only.")
    alertmanager: PortNumber | None = Field(
        9093, description="The port of Alertmanager, read-only."
    )

    def by_endpoint(self) -> dict[str, int | None]:
        """The port of every endpoint."""
        return self.model_dump()


# The endpoints of every stack. The others are its API services.
PLATFORM_ENDPOINTS = tuple(
    name for name in DockerPorts.model_fields if name not in (BACKEND, DECISION)
)


class Docker(Model):
    """The settings of the Docker target."""

    EXAMPLE = """
        config:
          ai-platform:target: docker
          ai-platform:docker:
            host: ssh://deploy@engine.example.com
            ports:
              web: 18080
              prometheus: null        # not published
    """

    host: EngineUrl | None = Field(
        None,
        description="The Docker engine, such as `ssh://user@host`. The default is the engine that "
        "the Docker client uses.",
    )
    bind: IpAddress = Field(
        "127.0.0.1",
        description="The address that the gateway is published on. Any address but loopback "
        "requires `tls`. All other ports are published on loopback.",
    )
    tls: Certificate | None = Field(None, description="The certificate for HTTPS at the gateway.")
    ports: DockerPorts = Field(DockerPorts(), description="The published ports.")


def rules(settings: "Settings") -> Iterator[Problem]:
    if settings.target != "docker":
        return
    docker = settings.docker
    if not ip_address(docker.bind).is_loopback and docker.tls is None:
        yield Problem(
            path="docker.bind",
            found=repr(docker.bind),
            allowed="a loopback address, or any address with docker.tls",
        )
    for key in ("certificate", "key") if docker.tls else ():
        path = Path(getattr(docker.tls, key))
        if not path.is_file():
            yield Problem(
                path=f"docker.tls.{key}", found=repr(str(path)), allowed="a file that can be read"
            )
    yield from _grafana(settings)
    yield from _ports(settings)


def _grafana(settings: "Settings") -> Iterator[Problem]:
    """A port for Grafana needs a Grafana. The same file may be for a machine whose catalogue has
    an image of it and for one whose catalogue lacks it, so only the setting counts."""
    ports = settings.docker.ports
    asked = "grafana" in ports.model_fields_set and ports.grafana is not None
    if asked and not settings.observability.grafana:
        yield Problem(
            path="docker.ports.grafana",
            found=str(ports.grafana),
            allowed="null, because observability.grafana is false",
        )


def _ports(settings: "Settings") -> Iterator[Problem]:
    endpoints = {*PLATFORM_ENDPOINTS, *settings.api.services}
    users: dict[int, str] = {}
    for name, port in settings.docker.ports.by_endpoint().items():
        if name not in endpoints:
            if name in DockerPorts.model_fields:
                continue  # the default port of a reference service that this stack removed
            yield Problem(
                path=f"docker.ports.{name}",
                found="an endpoint that this stack does not have",
                allowed=", ".join(sorted(endpoints)),
                nearest=nearest(name, endpoints),
            )
        if port is not None and users.setdefault(port, name) != name:
            yield Problem(
                path=f"docker.ports.{name}",
                found=str(port),
                allowed=f"another port: {users[port]} uses this one",
            )
