"""Where a stack runs. This interface is all that tiers and targets know of each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.catalogue import Catalogue
from components.secrets import Secrets
from components.settings import Settings, SettingsError, stack_name_rules
from components.tier import Tier


@dataclass(frozen=True, kw_only=True)
class RunningStack:
    """The result of running tiers on a target.

    `endpoints` are the URLs under which people outside reach exposed workloads. `images` are the
    images that run, by the name of the container.
    """

    endpoints: Mapping[str, str]
    images: Mapping[str, pulumi.Input[str]]


class Target(Protocol):
    """Renders the parts of tiers into resources."""

    def run(self, tiers: Sequence[Tier]) -> RunningStack:
        """Register the resources of every part, as children of its tier.

        Raises RunError, before it registers a resource, for anything that the target cannot run.
        """


def select(settings: Settings, catalogue: Catalogue, secrets: Secrets) -> Target:
    """The target that the settings name. Only its own SDK is imported.

    Raises RunError for a stack's name that objects on a target cannot have.
    """
    problems = tuple(stack_name_rules(pulumi.get_stack()))
    if problems:
        raise pulumi.RunError(str(SettingsError(problems)))
    if settings.target == "docker":
        from components.targets.docker.target import DockerTarget

        return DockerTarget(settings, catalogue, secrets)
    from components.targets.kubernetes.target import KubernetesTarget

    return KubernetesTarget(settings, catalogue, secrets)
