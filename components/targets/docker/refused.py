"""What an engine alone can not do: jobs, and what operators make."""

from collections.abc import Iterable

import pulumi

from components.tier import Described
from components.workload import Workload


def refuse(parts: Iterable[Described]) -> None:
    """RunError names the first such part, and the setting that asks for it."""
    for part in parts:
        if not isinstance(part, Workload):
            raise pulumi.RunError(
                f"{part.asked_by} asks for {part.name}, which only target: kubernetes can run. "
                "Nothing was changed."
            )
