"""What the environment may set. Each may also come from a file, named by the variable + _FILE."""

from pydantic import Field

from service.environment import CommonSettings


class Settings(CommonSettings):
    """The fields are the variables' names in lower case."""

    # How often vision is measured again. One measurement takes about 30 ms.
    measure_interval_seconds: int = Field(default=60, ge=1, le=3600)
