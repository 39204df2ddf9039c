"""Where a stack runs. Tiers know this interface and nothing of what is behind it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import pulumi

from components.credentials import Credentials
from components.settings import Settings, SettingsError, name_rules
from components.tier import Tier


class Target(Protocol):
    """Renders workloads into resources."""

    def run(self, tiers: Sequence[Tier]) -> None:
        """Register the resources of every part, as children of its tier.

        Raises RunError before the first one for a part that the target does not have.
        """

    def endpoint(self, name: str) -> str | None:
        """The URL under which people outside reach an endpoint; None where it is not exposed."""

    @property
    def images(self) -> Mapping[str, pulumi.Input[str]]:
        """What runs: the image of each container, by the container's name."""


def select(settings: Settings, credentials: Credentials) -> Target:
    """The target that the settings name. Only its own SDK is imported.

    RunError refuses a stack whose name no target could give to its objects.
    """
    problems = tuple(name_rules.stack(pulumi.get_stack()))
    if problems:
        raise pulumi.RunError(str(SettingsError(problems)))
    if settings.target == "docker":
        from components.targets.docker import DockerTarget

        return DockerTarget(settings, credentials)
    from components.targets.kubernetes import KubernetesTarget

    return KubernetesTarget(settings, credentials)
