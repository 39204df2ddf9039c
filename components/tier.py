"""What the five tiers have in common."""

from collections.abc import Sequence

import pulumi

from components.workload import PROJECT, Workload


class Tier(pulumi.ComponentResource):
    """A tier: the workloads that it describes, and the component that holds their resources."""

    workloads: tuple[Workload, ...]

    def __init__(self, name: str, workloads: Sequence[Workload]) -> None:
        super().__init__(f"{PROJECT}:index:{type(self).__name__}", name)
        self.workloads = tuple(workloads)
