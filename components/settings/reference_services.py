"""The two API services that every stack has by default, and what their images need."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from components.settings.build_context import BuildContext
from components.settings.problems import Problem
from components.settings.quantities import Floor
from components.text import SECRETS

if TYPE_CHECKING:
    from components.settings.http_service import HttpImage

BACKEND = "backend"
DECISION = "decision"

_SERVICES: Mapping[str, Mapping[str, Any]] = {
    BACKEND: {
        "build": {"context": "images/services", "dockerfile": "api.Dockerfile"},
        "port": 8000,
        "ready": "/ready",
        "status": "/api/status",
        "writable": ["/tmp", "/app/data", "/app/logs"],
        "database": {"shared": "application"},
        "env": {
            "ENVIRONMENT": "production",
            "LOG_LEVEL": "INFO",
            "API_TOKEN_FILE": f"{SECRETS}/api-token",
            "DATABASE_URL_FILE": f"{SECRETS}/database-url",
            # With more than one connection, the backend reserves one for its readiness check.
            "DATABASE_POOL_SIZE": "${database.connections}",
            "REDIS_URL_FILE": f"{SECRETS}/cache-url",
            "CACHE_POOL_SIZE": "10",
            "CACHE_TTL_SECONDS": "300",
            "DECISION_URL": f"${{service.{DECISION}.url}}",
        },
        "files": {
            f"{SECRETS}/api-token": "${api-token}",
            f"{SECRETS}/database-url": "${database.url}",
            f"{SECRETS}/cache-url": "${cache.url}",
        },
    },
    DECISION: {
        "build": {"context": "images/services", "dockerfile": "decision.Dockerfile"},
        "port": 8001,
        "ready": "/ready",
        "env": {
            "ENVIRONMENT": "production",
            "LOG_LEVEL": "INFO",
            "API_TOKEN_FILE": f"{SECRETS}/api-token",
        },
        "files": {f"{SECRETS}/api-token": "${api-token}"},
    },
}

# What our images run from, by the directory that they are built from. A directory mounted over it
# hides the program.
_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "images/services": ("/app/venv", "/app/service", "/app/backend", "/app/decision"),
    "images/web": ("/srv/web", "/etc/nginx", "/docker-entrypoint.d"),
}
# Their Python libraries, and a pool of connections.
_LEAST_MEMORY: Mapping[str, Floor] = {
    "images/services": Floor(
        mebibytes=64, reason="our services need 50 MiB before their first request"
    ),
}


def port_rules(path: str, name: str, service: "HttpImage") -> Iterator[Problem]:
    """The port of a reference image is fixed in the image."""
    reference = _SERVICES.get(name)
    if reference and service.build == BuildContext.model_validate(reference["build"]):
        yield from fixed_port(path, service.port, reference["port"])


def fixed_port(path: str, port: int, own: int) -> Iterator[Problem]:
    """An image of ours listens on its own port, whatever the settings say."""
    if port != own:
        yield Problem(
            path=f"{path}.port",
            found=str(port),
            allowed=f"{own}, the port of our image; another port belongs to an `image` or a "
            "`build` of your own",
        )


def least_memory(service: "HttpImage") -> Floor | None:
    """What one of our images needs; None where other rules apply."""
    return _LEAST_MEMORY.get(service.build.context) if service.build else None


def program(service: "HttpImage") -> tuple[str, ...]:
    """The directories with the program of one of our images; empty for an image of the user's."""
    return _PROGRAMS.get(service.build.context, ()) if service.build else ()


def is_reference(name: str, context: str, dockerfile: str) -> bool:
    """Whether the service of this name is ours: it is built from our source."""
    source = {"context": context, "dockerfile": dockerfile}
    return _SERVICES.get(name, {}).get("build") == source


def with_reference_services(services: Mapping[str, Any]) -> dict[str, Any]:
    """The stack's services merged into the reference services. `null` removes a service."""
    names = dict.fromkeys([*_SERVICES, *services])
    merged = {name: _over(_SERVICES.get(name, {}), services.get(name, {})) for name in names}
    return {name: service for name, service in merged.items() if service is not None}


def _over(default: Mapping[str, Any], service: Any) -> Any:
    """The user's settings over the defaults. Variables and files are merged one by one.

    The defaults are what our images need, so an image of the user's own gets the port only.
    """
    if not isinstance(service, dict):
        return service
    if service.get("image") or service.get("build"):
        default = {key: value for key, value in default.items() if key == "port"}
    merged = {**default, **service}
    for key in ("env", "files"):
        values = service.get(key)
        if isinstance(values, dict) and key in default:
            merged[key] = {**default[key], **values}
    return merged
