"""Redis: ours, or a server that is there."""

from typing import Literal

from pydantic import Field

from components.settings.external import ExternalServer
from components.settings.model import Model
from components.settings.values import Cpu, Memory, Port, Size


class ExternalCache(ExternalServer):
    """A Redis server that you have."""

    port: Port = Field(6379, description="Its port.")
    tls: bool = Field(
        False, description="Speak TLS with it: a `rediss://` URL. Its certificate must be public."
    )


class Cache(Model):
    """Redis."""

    mode: Literal["builtin", "external"] = Field(
        "builtin", description="`builtin` runs Redis 7; `external` uses a server you have."
    )
    external: ExternalCache | None = Field(
        None, description="The server, where the mode is `external`."
    )
    size: Size = Field("5Gi", description="Size of the volume. Advisory on Docker.")
    memory: Memory = Field("128Mi", description="Memory limit of the server.")
    maxmemory: Memory = Field(
        "80Mi",
        description="Memory for data, at most 75 % of the limit; the least recently used "
        "keys are evicted above it.",
    )
    cpu: Cpu = Field(0.5, description="CPU limit of the server, in cores.")
