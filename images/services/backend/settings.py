"""Settings from environment variables. The variable NAME_FILE may name a file instead."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from service.environment import CommonSettings


def _url(*schemes: str) -> AfterValidator:
    """The whole URL is a secret, because it contains a password."""

    def check(url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"must start with {' or '.join(f'{s}://' for s in schemes)}")
        return url

    return AfterValidator(check)


class Settings(CommonSettings):
    """Each field is named like its variable, in lower case."""

    database_url: Annotated[SecretStr, _url("postgresql", "postgres")]
    redis_url: Annotated[SecretStr, _url("redis", "rediss")]
    decision_url: str = Field(default="http://ai-platform-decision:8001", pattern="^https?://")
    # Connections of one replica. The sum over all replicas must fit the servers' limits.
    database_pool_size: int = Field(default=5, ge=1, le=100)
    cache_pool_size: int = Field(default=10, ge=1, le=1000)
    cache_ttl_seconds: int = Field(default=300, ge=1, le=86400)
