"""The API services."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from components.settings.defaults import service_defaults
from components.settings.model import Model
from components.settings.values import Path, Place, Seconds, Size
from components.settings.workload import Workload

Credential = Literal[
    "database-url", "database-password", "cache-url", "cache-password", "api-token"
]


class DataVolume(Model):
    """A volume of a service's own."""

    path: Path = Field("/app/data", description="Where the container finds it.")
    size: Size = Field("1Gi", description="Its size. Advisory on Docker.")


class Service(Workload):
    """An API service."""

    metrics: Path | None = Field(
        "/metrics", description="What Prometheus scrapes; null where there is nothing."
    )
    credentials: dict[Place, Credential] = Field(
        default_factory=dict,
        description="Where it expects a credential: a path gets the file there; a variable gets "
        "the path of a file, or with `secrets_as: env` the value.",
    )
    secrets_as: Literal["file", "env"] = Field(
        "file",
        description="`env` puts values into variables, which `docker inspect` and whoever may "
        "read the pod can see.",
    )
    calls: list[str] = Field(
        default_factory=list, description="API services that it talks to, by name."
    )
    data_volume: DataVolume | None = Field(
        None, description="A volume of its own; it then runs once, because one writer owns it."
    )


class Api(Model):
    """The API services, any number of them."""

    services: Annotated[
        dict[str, Service],
        BeforeValidator(lambda given: given, json_schema_input_type=dict[str, Service | None]),
    ] = Field(
        default_factory=dict,
        validate_default=True,
        description="By name. `backend` and `decision` are there by default, as our reference "
        "services; what you set changes theirs. `null` removes one, but not the backend.",
    )
    database_pool: int = Field(
        5,
        ge=1,
        le=100,
        description="Database connections of each replica of a service. Our backend keeps one of "
        "them for its readiness, where there is more than one.",
    )
    cache_pool: int = Field(10, ge=1, le=1000, description="Cache connections of each replica.")
    cache_ttl: Seconds = Field(300, description="How long a decision stays in the cache.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="What the services log."
    )

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        given = value.get("services", {})
        if not isinstance(given, dict):
            return value
        return {**value, "services": service_defaults(given)}
