"""The two API services that every stack has by default, and what their images need."""

from collections.abc import Mapping
from typing import Any

from components.addresses import Address

BACKEND = "backend"
DECISION = "decision"

_SERVICES: Mapping[str, Mapping[str, Any]] = {
    BACKEND: {
        "build": {"context": "images/services", "dockerfile": "api.Dockerfile"},
        "port": 8000,
        "writable": ["/tmp", "/app/data", "/app/logs"],
        "env": {
            "ENVIRONMENT": "production",
            "DECISION_URL": Address(workload=DECISION, port=8001).url(),
        },
        "credentials": {
            "DATABASE_URL_FILE": "database-url",
            "REDIS_URL_FILE": "cache-url",
            "API_TOKEN_FILE": "api-token",
        },
        "calls": [DECISION],
    },
    DECISION: {
        "build": {"context": "images/services", "dockerfile": "decision.Dockerfile"},
        "port": 8001,
        "env": {"ENVIRONMENT": "production"},
        "credentials": {"API_TOKEN_FILE": "api-token"},
    },
}


def with_reference_services(services: Mapping[str, Any]) -> dict[str, Any]:
    """The stack's services merged into the reference services. `null` removes a service."""
    names = dict.fromkeys([*_SERVICES, *services])
    merged = {name: _over(_SERVICES.get(name, {}), services.get(name, {})) for name in names}
    return {name: service for name, service in merged.items() if service is not None}


def _over(default: Mapping[str, Any], service: Any) -> Any:
    if not isinstance(service, dict):
        return service
    base = {
        key: value for key, value in default.items() if key != "build" or "image" not in service
    }
    env = service.get("env", {})
    if isinstance(env, dict):
        return {**base, **service, "env": {**base.get("env", {}), **env}}
    return {**base, **service}
