"""Redis: run by the platform, or on a server outside it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from components.settings import external_server
from components.settings.addresses import PortNumber
from components.settings.base import Model
from components.settings.external_server import ExternalServer
from components.settings.problems import Problem
from components.settings.quantities import Floor, mebibytes, memory_rules
from components.settings.shapes import Cpu, Memory, Size

if TYPE_CHECKING:
    from components.settings.stack import Settings

# Above three quarters of its limit, Redis has no memory left to rewrite its append-only file.
DATA_SHARE = 0.75
REDIS = Floor(mebibytes=16, reason="Redis needs 4 MiB without any data")


class ExternalCache(ExternalServer):
    """A Redis server that you have already."""

    EXAMPLE = """
        config:
          ai-platform:cache:
            mode: external
            external:
              host: redis.example.com
              port: 6380
              user: platform
              # pulumi config set --secret --path 'ai-platform:cache.external.password'
              password:
                secure: v1:pX1f0kq2dVE=:8sBb
              tls: true
              cidrs: [10.20.0.0/16]       # the only addresses that services may reach
    """

    port: PortNumber = Field(6379, description="The server's port.")
    tls: bool = Field(
        False,
        description="Use TLS, with a `rediss://` URL. A public authority must have signed the "
        "server's certificate.",
    )


class Cache(Model):
    """Redis."""

    EXAMPLE = """
        config:
          ai-platform:cache:
            memory: 512Mi
            maxmemory: 320Mi          # at most 75 % of `memory`
            cpu: 0.5
            size: 5Gi
    """

    mode: Literal["builtin", "external"] = Field(
        "builtin",
        description="`builtin` runs Redis 7. `external` uses a server that you have already.",
    )
    external: ExternalCache | None = Field(None, description="The server for the mode `external`.")
    size: Size = Field("5Gi", description="The size of the volume. Advisory on Docker.")
    memory: Memory = Field("128Mi", description="The server's memory limit.")
    maxmemory: Memory = Field(
        "80Mi",
        description="The memory for data, at most 75 % of the limit. When it is full, Redis evicts "
        "the least recently used keys.",
    )
    cpu: Cpu = Field(0.5, description="The server's CPU limit, in cores.")


def rules(settings: "Settings") -> Iterator[Problem]:
    cache = settings.cache
    yield from external_server.rules("cache", cache.mode, cache.external)
    yield from memory_rules("cache.memory", cache.memory, REDIS)
    limit = int(mebibytes(cache.memory) * DATA_SHARE)
    if mebibytes(cache.maxmemory) > limit:
        yield Problem(
            path="cache.maxmemory",
            found=repr(cache.maxmemory),
            allowed=f"at most {limit}Mi: 75 % of cache.memory ({cache.memory})",
        )
