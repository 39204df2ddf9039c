"""The vocabulary for where a part runs, and which GPUs it gets.

Nothing here knows Docker, Kubernetes or Pulumi. A target renders these values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Toleration:
    """A taint that does not keep a part from a node. None stands for any key, value or effect."""

    key: str | None = None
    operator: Literal["Equal", "Exists"] = "Equal"
    value: str | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None


@dataclass(frozen=True, kw_only=True)
class Placement:
    """On which nodes a part runs, and the GPUs of its main container.

    A cluster reserves `gpu` whole GPUs, and chooses them. One engine gives the container the GPUs
    that `gpus` names, by index or id, or all of them. `node_selector` and `tolerations` are added
    to those of the stack. `runtime_class` is the cluster's name for a way to run containers, and
    `priority_class` its name for how important a pod is.
    """

    gpu: int = 0
    gpus: Literal["all"] | tuple[str, ...] = ()
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    runtime_class: str | None = None
    priority_class: str | None = None

    def without_gpus(self) -> "Placement":
        """The placement of a job that runs a service's image and needs no GPU."""
        return replace(self, gpu=0, gpus=())


ANYWHERE = Placement()
