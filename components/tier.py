"""What the five tiers have in common."""

from collections.abc import Mapping, Sequence

import pulumi

from components.text import Secret
from components.workload import PROJECT, Workload

# What an operator needs to sign in at one service: plain values and secrets by name.
Login = Mapping[str, str | Secret]


class Tier(pulumi.ComponentResource):
    """A tier: the workloads that it describes, and the component that holds their resources."""

    def __init__(
        self, name: str, workloads: Sequence[Workload], logins: Mapping[str, Login] | None = None
    ) -> None:
        super().__init__(f"{PROJECT}:index:{type(self).__name__}", name)
        self.workloads = tuple(workloads)
        self.logins = dict(logins or {})
