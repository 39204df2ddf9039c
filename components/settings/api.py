"""The API services."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from components.container import SCHEDULES
from components.settings import http_service, jobs, models, paths, placement, references
from components.settings.base import Model
from components.settings.data import DATABASE_CA
from components.settings.database import Database
from components.settings.http_service import HttpService
from components.settings.jobs import Release, ScheduledJob
from components.settings.models import Models
from components.settings.placement import Placed
from components.settings.problems import Problem, nearest
from components.settings.reference_services import port_rules, program, with_reference_services
from components.settings.shapes import Path, Size

if TYPE_CHECKING:
    from components.settings.stack import Settings

# The port of the exporter that shares a pod with a service that has a volume.
VOLUMES_PORT = 9100
# The port of the sidecar that copies its volumes to a bucket.
FILES_PORT = 9748


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


class Service(Placed, HttpService):
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
                database: {}                        # a database of its own
                env:
                  LOG_FORMAT: json
                  DATABASE_URL: ${database.url}
                  BACKEND_URL: ${service.backend.url}
                files:
                  /etc/reports/token: ${api-token}
          ai-platform:docker:
            ports:
              reports: 8100                         # http://127.0.0.1:8100
    """

    metrics: Path | None = Field(
        "/metrics",
        description="The path that Prometheus scrapes; null for a service without metrics.",
    )
    status: Path | None = Field(
        None,
        description="The path at which the service says which of its parts is down. While no "
        "replica is ready, the gateway passes requests for it to one that is not.",
    )
    database: Database | None = Field(
        None,
        description="The service's database: `{}` for one of its own. By default the service "
        "gets no database.",
    )
    calls: list[str] = Field(
        default_factory=list,
        description="The names of the API services that this service calls, besides those that its "
        "values refer to with `${service.NAME.url}`. They start first, unless they call it too.",
    )
    data_volume: DataVolume | None = Field(
        None,
        description="A volume that outlives the container. It has one writer, so the service has "
        "one replica.",
    )
    release: Release | None = Field(
        None,
        description="A step that runs once for each release, before the new version starts, such "
        "as a migration of the database.",
    )
    jobs: dict[str, ScheduledJob] = Field(
        default_factory=dict, description="Jobs on a schedule, by name."
    )
    models: Models | None = Field(
        None, description="Model files that the service reads (docs/models.md)."
    )

    @property
    def owns_volume(self) -> bool:
        """Whether the service has a volume, and therefore one replica."""
        return bool(self.data_volume or (self.models and self.models.fill))

    @property
    def values(self) -> Mapping[str, str]:
        """With those of the step that fills the models, which reaches what the service reaches."""
        env = self.models.fill.env if self.models and self.models.fill else {}
        return {
            **super().values,
            **{f"models.fill.env.{name}": value for name, value in env.items()},
        }

    @property
    def callees(self) -> tuple[str, ...]:
        """The services that it calls: those in `calls`, and those that its values refer to."""
        return tuple(dict.fromkeys((*self.calls, *self.services)))


class Api(Model):
    """The API services."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              backend:                # changes two settings of a reference service
                replicas: 3
                env: {LOG_LEVEL: WARNING}
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
        "default; what you set here changes their defaults. With an `image` or a `build` of your "
        "own they get only the port from our defaults. `null` removes a service, "
        "which no route may then lead to.",
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
    for name, service in settings.api.services.items():
        path = f"api.services.{name}"
        volume = service.data_volume
        mounted = {f"{path}.data_volume.path": volume.path} if volume else {}
        mounted |= {f"{path}.models.path": service.models.path} if service.models else {}
        yield from http_service.rules(path, service)
        files = _files(service, settings)
        yield from paths.rules(path, service.writable, mounted, files, program(service))
        yield from port_rules(path, name, service)
        yield from _calls(path, service, settings)
        yield from _one_writer(path, service, settings.data.copies_files)
        yield from references.rules(path, service, settings, service.database is not None)
        yield from jobs.rules(path, name, service)
        yield from models.rules(path, service, settings)
        yield from placement.rules(path, service, settings)


def _files(service: Service, settings: "Settings") -> list[str]:
    """The service's files, the one with the database's CA certificate, and the directory with the
    schedules of its jobs."""
    external = settings.data.external
    certificate = [DATABASE_CA] if external and external.ca and service.database else []
    schedule = [SCHEDULES] if service.jobs else []
    return [*service.files, *certificate, *schedule]


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


def _one_writer(path: str, service: Service, copied: bool) -> Iterator[Problem]:
    if service.data_volume and service.port == VOLUMES_PORT:
        yield Problem(
            path=f"{path}.port",
            found=str(service.port),
            allowed="another port: the exporter that watches the volume uses this one",
        )
    if copied and service.owns_volume and service.port == FILES_PORT:
        yield Problem(
            path=f"{path}.port",
            found=str(service.port),
            allowed="another port: what copies the volume to the bucket (data.backup.offsite) uses "
            "this one",
        )
    if service.data_volume and service.replicas.max > 1:
        yield Problem(
            path=f"{path}.replicas",
            found=str(service.replicas.max),
            allowed="1, because `data_volume` has one writer",
        )
