"""What an operator needs to sign in: names, and secrets that stay secret."""

import pulumi

from components.api import API_TOKEN
from components.credentials import Credentials
from components.data import DATABASE, OWNER
from components.observability import GRAFANA_PASSWORD
from components.settings import Settings


def logins(settings: Settings, credentials: Credentials) -> pulumi.Output[object]:
    """By service; the whole is secret."""
    found: dict[str, object] = {"api": {"token": credentials.value(API_TOKEN)}}
    if settings.data.mode == "builtin":
        found["database"] = {
            "database": DATABASE,
            "user": "platform_owner",
            "password": credentials.value(OWNER),
        }
    if settings.observability.grafana:
        found["grafana"] = {"user": "admin", "password": credentials.value(GRAFANA_PASSWORD)}
    return pulumi.Output.secret(found)
