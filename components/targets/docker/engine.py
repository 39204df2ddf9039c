"""The engine that a stack runs on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.secrets import Secrets
from components.settings import Docker
from components.targets.docker.starts import Starts


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
