"""What only the Docker target needs."""

from pydantic import ConfigDict, Field

from components.settings.model import Model
from components.settings.values import Address, Engine, Port


class Certificate(Model):
    """A TLS certificate for the web tier."""

    certificate: str = Field(description="Path of the PEM file with the chain.")
    key: str = Field(description="Path of the PEM file with the private key.")


class DockerPorts(Model):
    """Ports of the machine; null publishes nothing. Services of yours are named beside these."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Port | None]

    web: Port | None = Field(8080, description="The web tier.")
    backend: Port | None = Field(8000, description="The backend.")
    decision: Port | None = Field(8001, description="The decision service.")
    grafana: Port | None = Field(3000, description="Grafana.")
    prometheus: Port | None = Field(9090, description="Prometheus, read-only.")
    alertmanager: Port | None = Field(9093, description="Alertmanager, read-only.")

    def by_endpoint(self) -> dict[str, int | None]:
        """Every endpoint with its port."""
        return self.model_dump()


class Docker(Model):
    """What only the Docker target needs."""

    host: Engine | None = Field(
        None, description="The engine, such as `ssh://user@host`; else the usual one."
    )
    bind: Address = Field(
        "127.0.0.1",
        description="Address that the web tier is published on. Anything but loopback needs "
        "`tls`. All else stays on loopback.",
    )
    tls: Certificate | None = Field(None, description="Serve the web tier over HTTPS.")
    ports: DockerPorts = Field(DockerPorts(), description="Ports of the machine.")
