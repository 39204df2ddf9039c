"""The move of a stack's data to another major version of PostgreSQL, while it is under way.

It is no setting: the verb `make upgrade-database` asks the program for it by a variable.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from components.settings.stack import Settings

VARIABLE = "AI_PLATFORM_UPGRADE"


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """The data goes from one major version to another. `run` differs for each try: a copy that was
    interrupted begins again."""

    before: int
    to: int
    run: str

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a program that copies."""
        return {VARIABLE: f"{self.before} {self.to} {self.run}"}


def under_way(environment: Mapping[str, str] = os.environ) -> Upgrade | None:
    """What the verb asks for; None in every other run of the program."""
    if not (text := environment.get(VARIABLE)):
        return None
    before, to, run = text.split()
    return Upgrade(before=int(before), to=int(to), run=run)


def of_version(settings: Settings, version: int) -> Settings:
    """The settings of the same stack with data of this version."""
    data = settings.data.model_copy(update={"version": version})
    return settings.model_copy(update={"data": data})
