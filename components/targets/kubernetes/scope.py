"""The values with which all objects of a part are registered."""

from dataclasses import dataclass, replace
from typing import Any

import pulumi

from components.settings import Kubernetes
from components.targets.kubernetes import naming

# Pulumi waits for the workloads that use these objects, so it need not wait for the objects.
SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The stack's namespace and options, and the name and tier of the part that objects belong to.

    `discovered`: our own Prometheus discovers pods by DNS names. `explain` is the hook that logs
    why a workload failed; None in a preview.
    """

    settings: Kubernetes
    namespace: pulumi.Input[str]
    opts: pulumi.ResourceOptions
    discovered: bool
    pull_secret: pulumi.Input[str] | None = None
    explain: pulumi.ResourceHookBinding | None = None
    part: str = "platform"
    tier: str = "platform"

    def of(self, part: str, tier: str, component: pulumi.Resource | None = None) -> "Scope":
        """The scope of a part, whose objects are children of its tier's component."""
        opts = self.options(parent=component) if component else self.opts
        return replace(self, part=part, tier=tier, opts=opts)

    @property
    def labels(self) -> dict[str, str]:
        return naming.labels(self.part, self.tier)

    def metadata(self, name: pulumi.Input[str], **more: Any) -> dict[str, Any]:
        """The metadata of an object of the part, under any name."""
        return {"name": name, "namespace": self.namespace, "labels": self.labels, **more}

    def options(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self.opts, pulumi.ResourceOptions(**options))
