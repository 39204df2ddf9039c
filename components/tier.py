"""What the five tiers have in common."""

from collections.abc import Mapping, Sequence

import pulumi

from components.operated import Monitors, PostgresCluster
from components.text import Secret
from components.workload import PROJECT, Job, Scraped, Workload

# What an operator needs to sign in at one service: plain values and secrets by name.
Login = Mapping[str, str | Secret]

Described = Workload | Job | PostgresCluster | Monitors


class Tier(pulumi.ComponentResource):
    """A tier: the parts that it describes, and the component that holds their resources.

    A part that starts after another of its tier stands behind it.
    """

    def __init__(
        self, name: str, parts: Sequence[Described], logins: Mapping[str, Login] | None = None
    ) -> None:
        super().__init__(f"{PROJECT}:index:{type(self).__name__}", name)
        self.parts = tuple(parts)
        self.logins = dict(logins or {})

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """The parts that run on, in containers of ours."""
        return tuple(part for part in self.parts if isinstance(part, Workload))

    @property
    def scraped(self) -> tuple[Scraped, ...]:
        """The parts that have figures, or could have."""
        return tuple(part for part in self.parts if not isinstance(part, Job))
