"""The two API services that are there by default: what our reference images need."""

from collections.abc import Mapping
from typing import Any

from components.workload import Address

BACKEND = "backend"
DECISION = "decision"

_SERVICES: Mapping[str, Mapping[str, Any]] = {
    BACKEND: {
        "build": "images/api",
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
        "build": "images/decision",
        "port": 8001,
        "env": {"ENVIRONMENT": "production"},
        "credentials": {"API_TOKEN_FILE": "api-token"},
    },
}


def service_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """The given services over the default ones; one that is given as null is left out."""
    names = [*_SERVICES, *(name for name in given if name not in _SERVICES)]
    merged = {name: _over(_SERVICES.get(name, {}), given.get(name, {})) for name in names}
    return {name: service for name, service in merged.items() if service is not None}


def _over(default: Mapping[str, Any], given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    base = {key: value for key, value in default.items() if key != "build" or "image" not in given}
    env = given.get("env", {})
    if isinstance(env, dict):
        return {**base, **given, "env": {**base.get("env", {}), **env}}
    return {**base, **given}
