"""What an operator needs to sign in: names, and secrets that stay secret."""

from collections.abc import Iterable

import pulumi

from components.credentials import Credentials
from components.text import Secret
from components.tier import Tier


def logins(tiers: Iterable[Tier], credentials: Credentials) -> pulumi.Output[object]:
    """Every tier's logins by service; the whole is secret."""
    found = {
        service: {
            name: credentials.login(value) if isinstance(value, Secret) else value
            for name, value in login.items()
        }
        for tier in tiers
        for service, login in tier.logins.items()
    }
    return pulumi.Output.secret(found)
