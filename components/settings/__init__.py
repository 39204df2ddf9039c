"""What a stack file may say. Code outside this package imports these names only."""

from components.settings.api import FILES_PORT, VOLUMES_PORT, Api, DataVolume, Service
from components.settings.backup import Backup, BackupRetention
from components.settings.base import Model
from components.settings.build_context import BuildContext
from components.settings.cache import Cache, ExternalCache, data_memory
from components.settings.capacity import Capacity, ReplicaSettings
from components.settings.cloudnative_pg import PoolerSettings
from components.settings.connections import own_connections, reserved_connections
from components.settings.data import (
    DATABASE_CA,
    Data,
    Decisions,
    ExternalDatabase,
    SslMode,
)
from components.settings.database import (
    RESERVED_DATABASES,
    Database,
    connection_limit,
    database_name,
)
from components.settings.docker import PLATFORM_ENDPOINTS, Certificate, Docker, DockerPorts
from components.settings.external_server import ExternalServer
from components.settings.fields import models_below
from components.settings.http_service import HttpService, OutsideServer
from components.settings.images import (
    CatalogueName,
    ImageName,
    Images,
    Platform,
    Registry,
    postgres_reference,
)
from components.settings.images import reference as image_reference
from components.settings.ingress import Ingress, IngressTls
from components.settings.jobs import RELEASE, Release, ScheduledJob, job_name
from components.settings.kubernetes import (
    SURGE,
    ApiServer,
    Dns,
    ExistingSecret,
    Kubernetes,
)
from components.settings.load import MACHINE_FILE, load, machine_file, merged, overlay_path
from components.settings.models import Fill, Models
from components.settings.names import stack_name_rules
from components.settings.observability import Observability, OperatedPrometheus
from components.settings.offsite import OFFSITE_SECRETS, Offsite
from components.settings.operator_backup import OperatorBackup, Recover
from components.settings.paths import normal
from components.settings.places import OWN, Place, owner, place
from components.settings.plugins import COMPILED, Plugins
from components.settings.probes import IngressProbe, Probes
from components.settings.problems import Problem, SettingsError, nearest
from components.settings.quantities import mebibytes
from components.settings.receiver import (
    DEFAULT,
    WATCHDOG,
    Channels,
    Mail,
    Receiver,
    Webhook,
    alert_name,
)
from components.settings.reference_services import BACKEND, DECISION, is_reference
from components.settings.references import Reference, pieces
from components.settings.routes import PAGE as FRONTEND
from components.settings.routes import Route, largest
from components.settings.schedules import longest_gap
from components.settings.secrets import revealed
from components.settings.shapes import LONGEST_FILE
from components.settings.stack import Settings, broken_rules
from components.settings.tolerations import Toleration
from components.settings.upgrade import Upgrade, of_version, under_way
from components.settings.urls import url_port
from components.settings.web import (
    ENDPOINT,
    EXPORTER_PORT,
    GATEWAY_PORT,
    TLS_PORT,
    Frontend,
    Gateway,
    Web,
)

__all__ = [
    "BACKEND",
    "COMPILED",
    "DATABASE_CA",
    "DECISION",
    "DEFAULT",
    "ENDPOINT",
    "EXPORTER_PORT",
    "FILES_PORT",
    "FRONTEND",
    "GATEWAY_PORT",
    "LONGEST_FILE",
    "MACHINE_FILE",
    "OFFSITE_SECRETS",
    "OWN",
    "PLATFORM_ENDPOINTS",
    "RELEASE",
    "RESERVED_DATABASES",
    "SURGE",
    "TLS_PORT",
    "VOLUMES_PORT",
    "WATCHDOG",
    "Api",
    "ApiServer",
    "Backup",
    "BackupRetention",
    "BuildContext",
    "Cache",
    "Capacity",
    "CatalogueName",
    "Certificate",
    "Channels",
    "Data",
    "DataVolume",
    "Database",
    "Decisions",
    "Dns",
    "Docker",
    "DockerPorts",
    "ExistingSecret",
    "ExternalCache",
    "ExternalDatabase",
    "ExternalServer",
    "Fill",
    "Frontend",
    "Gateway",
    "HttpService",
    "ImageName",
    "Images",
    "Ingress",
    "IngressProbe",
    "IngressTls",
    "Kubernetes",
    "Mail",
    "Model",
    "Models",
    "Observability",
    "Offsite",
    "OperatedPrometheus",
    "OperatorBackup",
    "OutsideServer",
    "Place",
    "Platform",
    "Plugins",
    "PoolerSettings",
    "Probes",
    "Problem",
    "Receiver",
    "Recover",
    "Reference",
    "Registry",
    "Release",
    "ReplicaSettings",
    "Route",
    "ScheduledJob",
    "Service",
    "Settings",
    "SettingsError",
    "SslMode",
    "Toleration",
    "Upgrade",
    "Web",
    "Webhook",
    "alert_name",
    "broken_rules",
    "connection_limit",
    "data_memory",
    "database_name",
    "image_reference",
    "is_reference",
    "job_name",
    "largest",
    "load",
    "longest_gap",
    "machine_file",
    "mebibytes",
    "merged",
    "models_below",
    "nearest",
    "normal",
    "of_version",
    "overlay_path",
    "own_connections",
    "owner",
    "pieces",
    "place",
    "postgres_reference",
    "reserved_connections",
    "revealed",
    "stack_name_rules",
    "under_way",
    "url_port",
]
