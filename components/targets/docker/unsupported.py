"""What the Docker target cannot run: jobs with sidecars, and what operators create."""

from collections.abc import Iterable

import pulumi

from components.tier import Description
from components.workload import Job, Part


def refuse_unsupported(parts: Iterable[Description]) -> None:
    """Raises RunError with the first such part, and the setting that asks for it."""
    for part in parts:
        if not isinstance(part, Part):
            raise pulumi.RunError(
                f"{part.asked_by} asks for {part.name}, which only target: kubernetes can run. "
                "Nothing was changed."
            )
        if isinstance(part, Job) and part.sidecars:
            raise pulumi.RunError(
                f"{part.asked_by} asks for {part.name} with sidecars, which only target: "
                "kubernetes can run. Nothing was changed."
            )
