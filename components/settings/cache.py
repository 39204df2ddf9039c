"""Redis: run by the platform, or on a server outside it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from components.settings import external_server
from components.settings.addresses import PortNumber
from components.settings.base import Model
from components.settings.external_server import ExternalServer
from components.settings.problems import Problem
from components.settings.quantities import Floor, floor_rules, mebibytes
from components.settings.shapes import Cpu, Memory, Size

if TYPE_CHECKING:
    from components.settings.stack import Settings

# Redis rewrites its append-only file in a copy of its process. While clients write, the copy comes
# to hold all data too: 104 % of it under the heaviest writes. Beside both copies there are the
# allocator's gaps and, in MiB, the program itself and the buffers of clients.
DATA_SHARE = 0.45
PROGRAM = 24
LEAST = Floor(mebibytes=PROGRAM + 3, reason=f"Redis itself takes {PROGRAM}Mi")


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
            maxmemory: 200Mi          # less than half, for the rewrite of the file
            cpu: 0.5
            size: 5Gi
    """

    mode: Literal["builtin", "external"] = Field(
        "builtin",
        description="`builtin` runs Redis 7. `external` uses a server that you have already.",
    )
    external: ExternalCache | None = Field(None, description="The server for the mode `external`.")
    size: Size = Field("5Gi", description="The size of the volume. Advisory on Docker.")
    memory: Memory = Field("192Mi", description="The server's memory limit.")
    maxmemory: Memory | None = Field(
        None,
        description="The memory for data. When it is full, Redis evicts the least recently used "
        "keys. The default is the largest allowed value, 45 % of what `memory` has above 24Mi: "
        "the rewrite of the append-only file may need as much again.",
    )
    cpu: Cpu = Field(0.5, description="The server's CPU limit, in cores.")


def rules(settings: "Settings") -> Iterator[Problem]:
    cache = settings.cache
    yield from external_server.rules("cache", cache.mode, cache.external)
    yield from floor_rules("cache.memory", cache.memory, LEAST)
    file = Floor(
        mebibytes=mebibytes(cache.memory),
        reason="the append-only file and its rewrite can become as large as cache.memory",
    )
    yield from floor_rules("cache.size", cache.size, file)
    limit = data_memory(cache.memory)
    if limit > 0 and cache.maxmemory and mebibytes(cache.maxmemory) > limit:
        yield Problem(
            path="cache.maxmemory",
            found=repr(cache.maxmemory),
            allowed=f"at most {limit}Mi, so that cache.memory ({cache.memory}) holds the rewrite "
            "of the append-only file too",
        )


def data_memory(memory: str) -> int:
    """The most memory for data, in MiB, of a server with this limit."""
    return int((mebibytes(memory) - PROGRAM) * DATA_SHARE)
