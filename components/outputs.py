"""What `pulumi stack output` shows, with the same keys on both targets."""

from collections.abc import Iterable, Sequence

import pulumi

from components.secrets import Secrets
from components.settings import Settings
from components.targets import RunningStack
from components.text import Secret
from components.tier import Tier


def export(
    settings: Settings, tiers: Sequence[Tier], deployment: RunningStack, secrets: Secrets
) -> None:
    for note in (note for tier in tiers for note in tier.notes):
        pulumi.log.info(note)
    endpoints = (name for tier in tiers for name in tier.endpoints)
    pulumi.export("target", settings.target)
    pulumi.export("endpoints", {name: deployment.endpoints.get(name) for name in endpoints})
    pulumi.export("images", dict(deployment.images))
    pulumi.export("logins", _logins(tiers, secrets))


def _logins(tiers: Iterable[Tier], secrets: Secrets) -> pulumi.Output[object]:
    """The logins of each service. The whole output is secret."""
    logins = {
        service: {
            name: secrets.login(value) if isinstance(value, Secret) else value
            for name, value in login.items()
        }
        for tier in tiers
        for service, login in tier.logins.items()
    }
    return pulumi.Output.secret(logins)
