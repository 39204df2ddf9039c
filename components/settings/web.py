"""The web tier."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from components.settings.values import Memory, Path, Port, Seconds, Shape, User
from components.settings.workload import Workload


class Web(Workload):
    """The web tier: the page, and the API under its own origin."""

    build: str | None = Field(
        "images/web", description="A directory with a Dockerfile. Instead of `image`."
    )
    user: User = Field(
        "101:101",
        description="User and group id that it runs as. Not the user root; group 0 is none.",
    )
    port: Port = Field(8080, description="The port that it listens on; below 1024 works too.")
    ready: Path = Field("/health", description="Answers 2xx while it can serve.")
    client: Literal["python3", "wget", "curl", "none"] = Field(
        "curl", description="The program in the image that asks for its health, or `none`."
    )
    status_socket: Path | None = Field(
        "/var/run/web/status.sock",
        description="Unix socket of nginx's stub_status, which the exporter reads; null where "
        "an image has none. Its directory is shared with the exporter.",
    )
    max_body_size: Annotated[
        str, Shape(r"^[1-9]\d{0,5}[km]$", "a size such as `512k` or `10m`")
    ] = Field("1m", description="The largest request body, such as `10m`.")
    memory: Memory = Field("64Mi", description="Memory limit of each.")
    # nginx gives open requests 20 s.
    stop_grace: Seconds = Field(30, description="Time to finish requests before it is killed.")

    @model_validator(mode="before")
    @classmethod
    def _image_instead_of_build(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("image") and "build" not in value:
            return {**value, "build": None}
        return value
