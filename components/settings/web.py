"""The web tier."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from components.settings import http_service, paths
from components.settings.addresses import PortNumber
from components.settings.build_context import BuildContext, BuildSetting
from components.settings.http_service import HttpService
from components.settings.problems import Problem
from components.settings.shapes import Memory, Path, Seconds, Shape, User
from components.text import SECRETS

if TYPE_CHECKING:
    from components.settings.stack import Settings

# The ports of the exporter, which shares the web tier's pod, and of the web tier's own HTTPS.
EXPORTER_PORT, TLS_PORT = 9113, 8443


class Web(HttpService):
    """The web tier: it serves the page, and the API under the same origin."""

    EXAMPLE = """
        config:
          ai-platform:web:
            image: registry.example.com/acme/page:2.1.0   # instead of our images/web
            port: 8080
            ready: /health
            status_socket: null       # the image has no stub_status of nginx
            replicas: 2
            memory: 128Mi
            max_body_size: 10m
    """

    build: BuildSetting | None = Field(
        BuildContext(context="images/web"),
        description="What the image is built from: a directory with a `Dockerfile`, relative to "
        "the project's root, or `context` and `dockerfile`. The default is `images/web`, unless "
        "`image` is set.",
    )
    user: User = Field(
        "101:101",
        description="The UID and GID that the process runs as. UID 0 is rejected; GID 0 is "
        "allowed.",
    )
    port: PortNumber = Field(
        8080, description="The port that the service listens on. Ports below 1024 work too."
    )
    ready: Path = Field(
        "/health",
        description="The readiness path. It answers with status 2xx while the service can take "
        "requests.",
    )
    status_socket: Path | None = Field(
        "/var/run/web/status.sock",
        description="The Unix socket of nginx's stub_status, which the exporter reads; null if the "
        "image does not have one. The exporter shares the socket's directory.",
    )
    max_body_size: Annotated[
        str, Shape(r"^[1-9]\d{0,5}[km]$", "a size such as `512k` or `10m`")
    ] = Field("1m", description="The size of the largest request body, such as `10m`.")
    memory: Memory = Field("64Mi", description="The memory limit of each replica.")
    # nginx gives open requests 20 s.
    stop_grace: Seconds = Field(
        30,
        description="The time that the service has to finish its requests before it is killed, in "
        "seconds.",
    )

    @model_validator(mode="before")
    @classmethod
    def _image_instead_of_build(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("image") and "build" not in value:
            return {**value, "build": None}
        return value


def rules(settings: "Settings") -> Iterator[Problem]:
    web = settings.web
    yield from http_service.rules("web", web)
    yield from _ports(settings)
    socket = {}
    if web.status_socket:
        directory = str(PurePosixPath(web.status_socket).parent)
        socket["web.status_socket"] = directory
        if any(paths.same(directory, entry) for entry in web.writable):
            yield Problem(
                path="web.status_socket",
                found=repr(web.status_socket),
                allowed="a directory that is not in web.writable: the platform makes it writable",
            )
    certificate = [f"{SECRETS}/tls.crt", f"{SECRETS}/tls.key"] if settings.certificate else []
    yield from paths.rules("web", web.writable, socket, certificate)


def _ports(settings: "Settings") -> Iterator[Problem]:
    users = {}
    if settings.web.status_socket:
        users[EXPORTER_PORT] = "the exporter beside it"
    if settings.certificate:
        users[TLS_PORT] = "its own HTTPS"
    port = settings.web.port
    if port in users:
        yield Problem(
            path="web.port", found=str(port), allowed=f"another port: {users[port]} uses this one"
        )
