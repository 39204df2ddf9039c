"""The engine that a stack runs on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.secrets import Secrets
from components.settings import Docker
from components.targets.docker.starts import Starts


def refuse_context(settings: Docker) -> None:
    """Raises RunError where the plugin and the docker command would use two engines.

    The plugin prefers DOCKER_CONTEXT to `docker.host` and DOCKER_HOST; the docker command does not.
    A preview changes nothing, so it is always allowed.
    """
    context, host = os.environ.get("DOCKER_CONTEXT"), settings.host or os.environ.get("DOCKER_HOST")
    if context and host and not pulumi.runtime.is_dry_run():
        name = "docker.host" if settings.host else "DOCKER_HOST"
        raise pulumi.RunError(
            f"{name} is {host}, but DOCKER_CONTEXT is {context}, and the Docker plugin would use "
            "the context. Nothing was changed. Remove the variable: unset DOCKER_CONTEXT"
        )


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What all resources of a stack on an engine have in common.

    `command` is the docker command for this engine. `explain` is the hook that logs why a container
    failed. `starts` waits for containers. In a preview both are None. `last_update` are the outputs
    of each resource after the stack's last update.
    """

    settings: Docker
    secrets: Secrets
    opts: pulumi.ResourceOptions
    command: tuple[str, ...]
    explain: pulumi.ResourceHookBinding | None
    starts: Starts | None
    last_update: Mapping[str, Mapping[str, Any]]

    def options(self, **options: object) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(
            self.opts,
            pulumi.ResourceOptions(**options),  # type: ignore[arg-type]
        )
