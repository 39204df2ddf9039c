"""The two API services that every stack has by default, and what their images need."""

from collections.abc import Mapping
from typing import Any

from components.text import SECRETS

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
