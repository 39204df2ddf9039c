"""The API services."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from components.settings import http_service, paths
from components.settings.base import Model
from components.settings.data import DATABASE_CA
from components.settings.http_service import HttpService
from components.settings.problems import Problem, nearest
from components.settings.reference_services import BACKEND, with_reference_services
from components.settings.shapes import CredentialTarget, Path, Seconds, Size
from components.text import SECRETS

if TYPE_CHECKING:
    from components.settings.stack import Settings

Credential = Literal[
    "database-url", "database-password", "cache-url", "cache-password", "api-token"
]


class DataVolume(Model):
    """A volume of one service."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
                data_volume:
                  path: /srv/reports
                  size: 20Gi
    """

    path: Path = Field("/app/data", description="The directory in the container.")
    size: Size = Field("1Gi", description="The volume's size. Advisory on Docker.")


class Service(HttpService):
    """An API service."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
                port: 8080
                replicas: 2
                memory: 512Mi
                env:
                  LOG_FORMAT: json
                credentials:
                  DATABASE_URL_FILE: database-url   # a variable with the path of a file
                  /etc/reports/token: api-token     # a file at this path
                calls: [backend]
          ai-platform:docker:
            ports:
              reports: 8100                         # http://127.0.0.1:8100
    """

    metrics: Path | None = Field(
        "/metrics",
        description="The path that Prometheus scrapes; null for a service without metrics.",
    )
    credentials: dict[CredentialTarget, Credential] = Field(
        default_factory=dict,
        description="Where the service expects each credential. A path receives a file with the "
        "value. A variable receives the path of such a file, or the value itself with "
        "`secrets_as: env`.",
    )
    secrets_as: Literal["file", "env"] = Field(
        "file",
        description="`env` puts the values of secrets into variables. `docker inspect` shows them, "
        "and so does Kubernetes to users who may read the pod.",
    )
    calls: list[str] = Field(
        default_factory=list,
        description="The names of the API services that this service calls. They start first, "
        "unless they call it too.",
    )
    data_volume: DataVolume | None = Field(
        None,
        description="A volume that outlives the container. It has one writer, so the service has "
        "one replica.",
    )


class Api(Model):
    """The API services."""

    EXAMPLE = """
        config:
          ai-platform:api:
            log_level: WARNING
            services:
              backend:                # changes one setting of a reference service
                replicas: 3
              reports:                # adds a service
                image: registry.example.com/acme/reports:1.4.2
                calls: [decision]
    """

    services: Annotated[
        dict[str, Service],
        BeforeValidator(
            lambda services: services, json_schema_input_type=dict[str, Service | None]
        ),
    ] = Field(
        default_factory=dict,
        validate_default=True,
        description="The services by name. The reference services `backend` and `decision` run by "
        "default; what you set here changes their defaults. `null` removes a service; the web tier "
        "needs `backend`.",
    )
    database_pool: int = Field(
        5,
        ge=1,
        le=100,
        description="The number of database connections of each replica. With more than one, our "
        "backend reserves one for its readiness check.",
    )
    cache_pool: int = Field(
        10, ge=1, le=1000, description="The number of cache connections of each replica."
    )
    cache_ttl: Seconds = Field(
        300, description="How long a decision stays in the cache, in seconds."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The lowest level of messages that the services log."
    )

    @model_validator(mode="before")
    @classmethod
    def _with_reference_services(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        services = value.get("services", {})
        if not isinstance(services, dict):
            return value
        return {**value, "services": with_reference_services(services)}


def rules(settings: "Settings") -> Iterator[Problem]:
    if BACKEND not in settings.api.services:
        yield Problem(
            path=f"api.services.{BACKEND}", found="null", allowed="a service: the web tier needs it"
        )
    for name, service in settings.api.services.items():
        path = f"api.services.{name}"
        volume = service.data_volume
        mounted = {f"{path}.data_volume.path": volume.path} if volume else {}
        yield from http_service.rules(path, service)
        yield from paths.rules(path, service.writable, mounted, _files(service, settings))
        yield from _calls(path, service, settings)
        yield from _one_writer(path, service)
        yield from _variables(path, service)


def _files(service: Service, settings: "Settings") -> list[str]:
    """The files with the service's credentials, and with the database's CA certificate."""
    targets = service.credentials
    files = [target for target in targets if target.startswith("/")]
    if service.secrets_as == "file":
        files += [
            f"{SECRETS}/{credential}"
            for target, credential in targets.items()
            if not target.startswith("/")
        ]
    external = settings.data.external
    if external and external.ca and "database-url" in targets.values():
        files.append(DATABASE_CA)
    return list(dict.fromkeys(files))


def _calls(path: str, service: Service, settings: "Settings") -> Iterator[Problem]:
    services = settings.api.services
    for name in service.calls:
        if name not in services:
            yield Problem(
                path=f"{path}.calls",
                found=repr(name),
                allowed="a service: " + ", ".join(sorted(services)),
                nearest=nearest(name, services),
            )


def _one_writer(path: str, service: Service) -> Iterator[Problem]:
    if service.data_volume and service.replicas.max > 1:
        yield Problem(
            path=f"{path}.replicas",
            found=str(service.replicas.max),
            allowed="1, because `data_volume` has one writer",
        )


def _variables(path: str, service: Service) -> Iterator[Problem]:
    for name in service.credentials:
        if name in service.env:
            yield Problem(
                path=f"{path}.env.{name}",
                allowed=f"no value, because {path}.credentials.{name} sets this variable",
            )
