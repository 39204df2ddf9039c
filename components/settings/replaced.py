"""Keys of an earlier version of the settings, or of Compose, and what to write instead."""

from collections.abc import Mapping, Sequence

from components.settings.api import Api, Service
from components.settings.base import Model
from components.settings.fields import model_at
from components.settings.ingress import Ingress
from components.settings.stack import Settings
from components.settings.web import Frontend, Gateway, Web

_VALUES = "docs/values.md"
# The page had these settings in `web` itself. The replicas, memory and CPU may be meant for either.
_PAGE = frozenset(Frontend.model_fields)
_BOTH = _PAGE & frozenset(Gateway.model_fields)

_KEYS: Mapping[type[Model], Mapping[str, str]] = {
    Service: {
        "credentials": "`env` or `files` with references, such as `DATABASE_URL: ${database.url}`, "
        "`REDIS_URL: ${cache.url}` and `TOKEN: ${api-token}`. `database: {}` gives the service a "
        "database of its own, and `database: {shared: application}` the platform's "
        f"({_VALUES})",
        "secrets_as": f"`env` for secrets in variables, `files` for secrets in files ({_VALUES})",
        "client": "no key: the platform asks every service for its health with a program of its "
        "own",
        "depends_on": "`calls` for services; databases and Redis follow from the references in "
        "`env` and `files`",
        "entrypoint": "`command`, which replaces the image's command; its entry point stays",
        "environment": "`env`, a mapping of names to values",
        "env_file": "`env`, a mapping of names to values",
        "healthcheck": "`health` and `ready`, the paths that are asked over HTTP",
        "ports": "`port`, on which the service listens. `web.routes` leads people to it, and "
        "`docker.ports` publishes it on loopback",
        "restart": "no key: every service restarts",
        "volumes": "`data_volume` for data, `files` for files, `models` for model files, and "
        "`writable` for scratch directories",
    },
    Api: {
        "log_level": "`api.services.backend.env.LOG_LEVEL`, and the same of `decision`",
        "cache_ttl": "`api.services.backend.env.CACHE_TTL_SECONDS`",
        "cache_pool": "`api.services.backend.env.CACHE_POOL_SIZE`",
        "database_pool": "`api.services.backend.database.connections`",
    },
    Web: {
        "client": "no key: the platform asks the page for its health with a program of its own",
        "max_body_size": "`max_body_size` of a route, such as "
        "`web.routes./api/: {max_body_size: 10m}`",
    }
    | {
        key: f"`web.frontend.{key}` for the page"
        + (f", `web.gateway.{key}` for the gateway in front of it" if key in _BOTH else "")
        for key in _PAGE
    },
    Ingress: {
        "hosts": "`web.host` instead of `hosts.web`, and a host in `web.routes` for each other "
        "one, such as `metrics.example.com: grafana`"
    },
}


def replacement(keys: Sequence[str]) -> str | None:
    """What replaces the unknown key at this location; None for a key that never existed."""
    return _KEYS.get(model_at(Settings, keys[:-1]), {}).get(keys[-1])
