"""What a stack's configuration may say: one model per key, with its defaults.

The text of each field is the text of docs/configuration.md.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from components.settings.defaults import service_defaults
from components.settings.kubernetes import Kubernetes
from components.settings.model import Model
from components.settings.values import (
    Address,
    Cidr,
    Cpu,
    Label,
    LabelKey,
    Memory,
    Namespace,
    Path,
    Place,
    Port,
    Reference,
    Seconds,
    Size,
    User,
    Variable,
)

CatalogueName = Literal["official", "debian"]
ImageName = Literal[
    "postgres",
    "redis",
    "python",
    "nginx",
    "prometheus",
    "alertmanager",
    "grafana",
    "postgres-exporter",
    "redis-exporter",
    "nginx-exporter",
    "cloudnative-pg",
    "pgbouncer",
]
SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
REPOSITORY = r"^[a-z0-9.-]+(:\d+)?(/[a-z0-9._/-]+)?$"
Credential = Literal[
    "database-url", "database-password", "cache-url", "cache-password", "api-token"
]


class Registry(Model):
    """A mirror that every image comes from, its path kept."""

    url: str = Field(
        pattern=REPOSITORY,
        description="Host, port and path of the mirror, such as `registry.example.com/mirror`.",
    )
    user: str | None = Field(None, description="User name, where the mirror asks for one.")
    password: SecretStr | None = Field(None, description="Its password. Set it with `--secret`.")


class Images(Model):
    """Which images run."""

    catalogue: CatalogueName = Field(
        "official",
        description="`official` pulls the projects' own images; `debian` runs those that "
        "`make up` built from Debian's packages where no image registry answers.",
    )
    references: dict[ImageName, Reference] = Field(
        default_factory=dict,
        description="Another reference for an image of the catalogue, with the same contract.",
    )
    repository: str | None = Field(
        None,
        pattern=REPOSITORY,
        description="Where a cluster pulls the images that are built from source and `make images` "
        "pushes them, such as `registry.example.com/ai-platform`; none takes `ai-platform` at "
        "`registry.url`. On Docker the engine builds them.",
    )


class ExternalServer(Model):
    """A server that this program does not run."""

    host: str = Field(description="Its DNS name or address.")
    user: str = Field(description="The user that the API services log in as.")
    password: SecretStr | None = Field(
        None,
        description="That user's password. Set it with `--secret`, or name a Secret that has it in "
        "`kubernetes.secrets`.",
    )
    cidrs: list[Cidr] = Field(
        default=["0.0.0.0/0"], min_length=1, description="Address ranges that it answers from."
    )


class ExternalDatabase(ExternalServer):
    """A PostgreSQL server that you have."""

    port: Port = Field(5432, description="Its port.")
    database: str = Field("platform", description="The database, with the schema in `database/`.")
    sslmode: SslMode | None = Field(
        None,
        description="TLS of the connection, as PostgreSQL's clients name it. None asks for TLS and "
        "does without where the server has none; managed databases demand `require` or better.",
    )
    ca: str | None = Field(
        None,
        pattern=r"^-----BEGIN CERTIFICATE-----\n",
        description="PEM text of the authority that its certificate is checked with. Required with "
        "`verify-ca` and `verify-full`.",
    )


class ExternalCache(ExternalServer):
    """A Redis server that you have."""

    port: Port = Field(6379, description="Its port.")
    tls: bool = Field(
        False, description="Speak TLS with it: a `rediss://` URL. Its certificate must be public."
    )


class Pooler(Model):
    """PgBouncer in front of the primary: many clients on few connections."""

    instances: int = Field(2, ge=1, le=10, description="How many run.")
    mode: Literal["session", "transaction"] = Field(
        "session",
        description="What a client has a connection for. `transaction` serves more clients, and "
        "only those that keep nothing in a session.",
    )


class Data(Model):
    """PostgreSQL."""

    mode: Literal["builtin", "cloudnative-pg", "external"] = Field(
        "builtin",
        description="`builtin` runs PostgreSQL 15; `cloudnative-pg` has the cluster's operator of "
        "that name run it, with standbys; `external` uses a server you have.",
    )
    instances: int = Field(
        3,
        ge=2,
        le=9,
        description="Servers of `cloudnative-pg`: a primary and its standbys. With two, writes go "
        "on without a standby; from three on, none is acknowledged that no standby has.",
    )
    pooler: Pooler | None = Field(
        None,
        description="PgBouncer in front of `cloudnative-pg`; none connects services to the "
        "primary.",
    )
    wal_size: Size | None = Field(
        None,
        description="Size of a volume for the write-ahead log alone, with `cloudnative-pg`; none "
        "keeps it with the data.",
    )
    external: ExternalDatabase | None = Field(
        None, description="The server, where the mode is `external`."
    )
    size: Size = Field("10Gi", description="Size of the data volume. Advisory on Docker.")
    memory: Memory = Field("512Mi", description="Memory limit of the server.")
    cpu: Cpu = Field(1.0, description="CPU limit of the server, in cores.")
    max_connections: int = Field(100, ge=20, le=1000, description="Connections that it accepts.")


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


class Replicas(Model):
    """How many run. More than `min` on a target with an autoscaler."""

    min: int = Field(1, ge=1, le=100, description="The least number.")
    max: int = Field(
        1, ge=1, le=100, description="The greatest number. Above `min` an autoscaler decides."
    )
    cpu_target: int = Field(
        70,
        ge=10,
        le=95,
        description="Average CPU use that the autoscaler aims at, in percent of the CPU request.",
    )


def _replicas(value: Any) -> Any:
    """`replicas: 3` is short for the same least and greatest number."""
    return {"min": value, "max": value} if isinstance(value, int) else value


class DataVolume(Model):
    """A volume of a service's own."""

    path: Path = Field("/app/data", description="Where the container finds it.")
    size: Size = Field("1Gi", description="Its size. Advisory on Docker.")


class OutsideServer(Model):
    """A server on the internet or another network that a service calls."""

    name: str = Field(description="A name for it.")
    ports: list[Port] = Field(min_length=1, description="Its ports.")
    cidrs: list[Cidr] = Field(
        default=["0.0.0.0/0"], min_length=1, description="Its address ranges."
    )


class Workload(Model):
    """What an image of yours needs to run."""

    image: Reference | None = Field(None, description="The image. Instead of `build`.")
    build: str | None = Field(
        None, description="A directory with a Dockerfile. Instead of `image`."
    )
    user: User = Field(
        "10001:10001",
        description="User and group id that it runs as. Not the user root; group 0 is none.",
    )
    port: Port = Field(8000, description="The port that it listens on.")
    health: Path = Field(
        "/health", description="Answers 2xx while the process need not be restarted."
    )
    ready: Path = Field("/ready", description="Answers 2xx while it can serve.")
    client: Literal["python3", "wget", "curl", "none"] = Field(
        "python3",
        description="The program in the image that asks for its health; `none` leaves the "
        "container without a check, and Prometheus watches it.",
    )
    writable: list[Path] = Field(
        default=["/tmp"],
        description="Paths that it writes to; lost at each start.",
    )
    env: dict[Variable, str] = Field(
        default_factory=dict, description="Plain variables. No secrets: see `credentials`."
    )
    outside: list[OutsideServer] = Field(
        default_factory=list, description="Servers that it talks to and we do not run."
    )
    replicas: Annotated[
        Replicas, BeforeValidator(_replicas, json_schema_input_type=int | Replicas)
    ] = Field(
        default=Replicas(), description="How many run: a number, or `min`, `max`, `cpu_target`."
    )
    memory: Memory = Field("256Mi", description="Memory limit of each.")
    cpu: Cpu = Field(0.5, description="CPU limit of each, in cores.")
    memory_request: Memory | None = Field(
        None, description="Memory that a node sets aside for each; none is half the limit."
    )
    cpu_request: Cpu | None = Field(
        None, description="CPU that a node sets aside for each; none is half the limit."
    )
    start_budget: Seconds = Field(60, description="The longest healthy start.")
    stop_grace: Seconds = Field(20, description="Time to finish requests before it is killed.")


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
        5, ge=1, le=100, description="Database connections of each replica of a service."
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


class Web(Workload):
    """The web tier: the page, and the API under its own origin."""

    build: str | None = Field(
        "images/web", description="A directory with a Dockerfile. Instead of `image`."
    )
    user: User = Field(
        "101:101",
        description="User and group id that it runs as. Not the user root; group 0 is none.",
    )
    port: Port = Field(8080, description="The port that it listens on; below 1024 works too.")
    ready: Path = Field("/health", description="Answers 2xx while it can serve.")
    client: Literal["python3", "wget", "curl", "none"] = Field(
        "curl", description="The program in the image that asks for its health, or `none`."
    )
    status_socket: Path | None = Field(
        "/var/run/web/status.sock",
        description="Unix socket of nginx's stub_status, which the exporter reads; null where "
        "an image has none. Its directory is shared with the exporter.",
    )
    max_body_size: str = Field(
        "1m", pattern=r"^[1-9]\d*[km]$", description="The largest request body, such as `10m`."
    )
    memory: Memory = Field("64Mi", description="Memory limit of each.")
    # nginx gives open requests 20 s.
    stop_grace: Seconds = Field(30, description="Time to finish requests before it is killed.")

    @model_validator(mode="before")
    @classmethod
    def _image_instead_of_build(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("image") and "build" not in value:
            return {**value, "build": None}
        return value


class Webhook(Model):
    """Alerts are posted to a URL."""

    url: SecretStr | None = Field(
        None,
        description="The URL. Set it with `--secret`, or name a Secret that has it in "
        "`kubernetes.secrets`.",
    )
    port: Port | None = Field(
        None, description="The URL's port; none takes it from `url`, or 443 where a Secret has it."
    )


class Mail(Model):
    """Alerts are sent by mail."""

    to: str = Field(description="Who gets them.")
    sender: str = Field(description="Who they come from.")
    smarthost: str = Field(pattern=r"^[^:]+:\d+$", description="Mail server, as `host:port`.")
    user: str | None = Field(None, description="User name at the mail server.")
    password: SecretStr | None = Field(
        None,
        description="Its password. Set it with `--secret`, or name a Secret that has it in "
        "`kubernetes.secrets`.",
    )


class Receiver(Model):
    """Where alerts go: one of these; none keeps them in Alertmanager."""

    webhook: Webhook | None = Field(None, description="Post them to a URL.")
    mail: Mail | None = Field(None, description="Send them by mail.")


class OperatorOfPrometheus(Model):
    """The Prometheus that a cluster's Prometheus Operator runs, with `mode: operator`."""

    labels: dict[LabelKey, Label] = Field(
        default_factory=dict,
        description="Labels by which it finds PodMonitors and PrometheusRules, such as "
        "`release: kube-prometheus-stack`.",
    )
    namespace: Namespace = Field(
        "monitoring", description="Its namespace, which is let in to the ports with figures."
    )
    url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s@]+$",
        description="Where Grafana finds it, such as `http://prometheus-operated.monitoring:9090`. "
        "Required with `grafana`.",
    )


class Observability(Model):
    """Prometheus, Alertmanager, Grafana and the exporters."""

    mode: Literal["builtin", "operator"] = Field(
        "builtin",
        description="`builtin` runs Prometheus and Alertmanager; `operator` gives a cluster that "
        "runs Prometheus Operator the same jobs and rules, and its Alertmanager the alerts.",
    )
    operator: OperatorOfPrometheus = Field(
        OperatorOfPrometheus(), description="The cluster's Prometheus, with `mode: operator`."
    )
    grafana: bool = Field(
        True, description="Run Grafana. The `debian` catalogue has no image of it."
    )
    retention: str = Field(
        "200h", pattern=r"^[1-9]\d*[hdwy]$", description="How long Prometheus keeps figures."
    )
    size: Size = Field("10Gi", description="Size of Prometheus' volume. Advisory on Docker.")
    memory: Memory = Field("512Mi", description="Memory limit of Prometheus.")
    receiver: Receiver = Field(Receiver(), description="Where alerts go.")
    runbook_base_url: str = Field(
        "",
        pattern=r"^(https?://\S+/)?$",
        description="Put before `docs/runbooks/…` in alerts; ends with `/`.",
    )


class Certificate(Model):
    """A TLS certificate for the web tier."""

    certificate: str = Field(description="Path of the PEM file with the chain.")
    key: str = Field(description="Path of the PEM file with the private key.")


class DockerPorts(Model):
    """Ports of the machine; null publishes nothing. Services of yours are named beside these."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Port | None]

    web: Port | None = Field(8080, description="The web tier.")
    backend: Port | None = Field(8000, description="The backend.")
    decision: Port | None = Field(8001, description="The decision service.")
    grafana: Port | None = Field(3000, description="Grafana.")
    prometheus: Port | None = Field(9090, description="Prometheus, read-only.")
    alertmanager: Port | None = Field(9093, description="Alertmanager, read-only.")

    def by_endpoint(self) -> dict[str, int | None]:
        """Every endpoint with its port."""
        return self.model_dump()


class Docker(Model):
    """What only the Docker target needs."""

    host: str | None = Field(
        None, description="The engine, such as `ssh://user@host`; else the usual one."
    )
    bind: Address = Field(
        "127.0.0.1",
        description="Address that the web tier is published on. Anything but loopback needs "
        "`tls`. All else stays on loopback.",
    )
    tls: Certificate | None = Field(None, description="Serve the web tier over HTTPS.")
    ports: DockerPorts = Field(DockerPorts(), description="Ports of the machine.")


class Settings(Model):
    """The configuration of a stack."""

    target: Literal["docker", "kubernetes"] = Field(description="Where the stack runs.")
    registry: Registry | None = Field(None, description="A mirror that every image comes from.")
    images: Images = Field(Images(), description="Which images run.")
    data: Data = Field(Data(), description="PostgreSQL.")
    cache: Cache = Field(Cache(), description="Redis.")
    api: Api = Field(default_factory=lambda: Api.model_validate({}), description="API services.")
    web: Web = Field(default_factory=lambda: Web.model_validate({}), description="The web tier.")
    observability: Observability = Field(Observability(), description="Monitoring.")
    docker: Docker = Field(Docker(), description="What only the Docker target needs.")
    kubernetes: Kubernetes = Field(
        Kubernetes(), description="What only the Kubernetes target needs."
    )

    @property
    def certificate(self) -> Certificate | None:
        """The certificate that the web tier serves itself; on a cluster its Ingress has it."""
        return self.docker.tls if self.target == "docker" else None

    @property
    def tls_ends_before_web(self) -> bool:
        """Whether people come to the web tier by an Ingress, which ends their TLS."""
        return self.url("web") is not None

    def url(self, endpoint: str) -> str | None:
        """Where people find an endpoint that has a host name of its own; None where it has none."""
        host = self.kubernetes.ingress.hosts.get(endpoint)
        return f"https://{host}" if host and self.target == "kubernetes" else None
