"""How a service reaches the cache."""

from dataclasses import dataclass

from components.addresses import Address, Outside
from components.settings import ExternalCache, revealed
from components.text import Secret, Text

TIER = "cache"
SERVER = Address(workload="redis", port=6379)

APPLICATION = Secret(name="redis-app-password")
APPLICATION_USER = "platform"


@dataclass(frozen=True, kw_only=True)
class CacheConnection:
    """How a service reaches the cache. The values are complete, so no other code composes them."""

    host: str
    port: int
    user: str
    password: Secret
    reach: Address | Outside
    starts_after: tuple[str, ...] = ()
    scheme: str = "redis"

    @property
    def url(self) -> Text:
        password = f"${{{self.password.name}:url}}"
        return Text(
            name="cache-url",
            template=f"{self.scheme}://{self.user}:{password}@{self.host}:{self.port}/0",
            secrets=(self.password,),
        )


def to_platform() -> CacheConnection:
    """The connection of the application's user to the platform's own server."""
    return CacheConnection(
        host=SERVER.host,
        port=SERVER.port,
        user=APPLICATION_USER,
        password=APPLICATION,
        reach=SERVER,
        starts_after=(SERVER.workload,),
    )


def to_external(server: ExternalCache) -> CacheConnection:
    """The connection to a server that the platform does not run."""
    return CacheConnection(
        host=server.host,
        port=server.port,
        user=server.user,
        scheme="rediss" if server.tls else "redis",
        password=Secret(name="cache-password", value=revealed(server.password)),
        reach=Outside(name="cache", ports=(server.port,), cidrs=tuple(server.cidrs or ())),
    )
