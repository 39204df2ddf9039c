"""What the API services and the web tier have in common: images of the user's own."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from components.settings.model import Model
from components.settings.values import (
    Cidr,
    Cpu,
    Memory,
    Path,
    Plain,
    Port,
    Reference,
    Seconds,
    User,
    Variable,
)


class Replicas(Model):
    """How many run. More than `min` on a target with an autoscaler."""

    min: int = Field(1, ge=1, le=100, description="The least number.")
    max: int = Field(
        1, ge=1, le=100, description="The greatest number. Above `min` an autoscaler decides."
    )
    cpu_target: int = Field(
        70,
        ge=10,
        le=95,
        description="Average CPU use that the autoscaler aims at, in percent of the CPU request.",
    )


def _replicas(value: Any) -> Any:
    """`replicas: 3` is short for the same least and greatest number."""
    count = isinstance(value, int) and not isinstance(value, bool)
    return {"min": value, "max": value} if count else value


class OutsideServer(Model):
    """A server on the internet or another network that a service calls."""

    name: str = Field(description="A name for it.")
    ports: list[Port] = Field(min_length=1, description="Its ports.")
    cidrs: list[Cidr] = Field(
        default=["0.0.0.0/0"], min_length=1, description="Its address ranges."
    )


class Workload(Model):
    """What an image of yours needs to run."""

    image: Reference | None = Field(None, description="The image. Instead of `build`.")
    build: str | None = Field(
        None, description="A directory with a Dockerfile. Instead of `image`."
    )
    user: User = Field(
        "10001:10001",
        description="User and group id that it runs as. Not the user root; group 0 is none.",
    )
    port: Port = Field(8000, description="The port that it listens on.")
    health: Path = Field(
        "/health", description="Answers 2xx while the process need not be restarted."
    )
    ready: Path = Field("/ready", description="Answers 2xx while it can serve.")
    client: Literal["python3", "wget", "curl", "none"] = Field(
        "python3",
        description="The program in the image that asks for its health; `none` leaves the "
        "container without a check, and Prometheus watches it.",
    )
    writable: list[Path] = Field(
        default=["/tmp"],
        description="Paths that it writes to; lost at each start.",
    )
    env: dict[Variable, Plain] = Field(
        default_factory=dict, description="Plain variables. No secrets: see `credentials`."
    )
    outside: list[OutsideServer] = Field(
        default_factory=list, description="Servers that it talks to and we do not run."
    )
    replicas: Annotated[
        Replicas, BeforeValidator(_replicas, json_schema_input_type=int | Replicas)
    ] = Field(
        default=Replicas(), description="How many run: a number, or `min`, `max`, `cpu_target`."
    )
    memory: Memory = Field("256Mi", description="Memory limit of each.")
    cpu: Cpu = Field(0.5, description="CPU limit of each, in cores.")
    memory_request: Memory | None = Field(
        None, description="Memory that a node sets aside for each; none is half the limit."
    )
    cpu_request: Cpu | None = Field(
        None, description="CPU that a node sets aside for each; none is half the limit."
    )
    start_budget: Seconds = Field(60, description="The longest healthy start.")
    stop_grace: Seconds = Field(20, description="Time to finish requests before it is killed.")
