"""Settings from environment variables. The variable NAME_FILE may name a file instead."""

from pydantic import Field

from service.environment import CommonSettings


class Settings(CommonSettings):
    """Each field is named like its variable, in lower case."""

    # The interval between two vision measurements. One measurement takes about 30 ms.
    measure_interval_seconds: int = Field(default=60, ge=1, le=3600)
