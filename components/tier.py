"""What the five tiers have in common."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pulumi

from components.addresses import PROJECT
from components.operated import Monitors, PostgresCluster
from components.text import Secret
from components.workload import Job, ScrapeTarget, Workload

# What an operator needs to sign in at one service: plain values, and secrets by name.
Login = Mapping[str, str | Secret]

Description = Workload | Job | PostgresCluster | Monitors


class Tier:
    """A tier: the parts that it describes, and what the stack's outputs say about them.

    Constructing a tier has no side effects. A target registers the tier's component and its parts.
    `endpoints` are the names under which people reach the tier's services: those of its exposures,
    and those that other stacks have. `notes` tell the user what the stack lacks, and why.
    `expects_all`: an update ends well only if everything in the stack runs; False while a verb has
    stopped parts of it.
    """

    name: ClassVar[str]

    def __init__(
        self,
        parts: Sequence[Description],
        *,
        endpoints: Sequence[str] = (),
        notes: Sequence[str] = (),
        logins: Mapping[str, Login] | None = None,
        expects_all: bool = True,
    ) -> None:
        self.parts = tuple(parts)
        exposed = [
            part.exposure.endpoint
            for part in self.parts
            if isinstance(part, Workload) and part.exposure
        ]
        self.endpoints = tuple(dict.fromkeys((*endpoints, *exposed)))
        self.notes = tuple(notes)
        self.expects_all = expects_all
        self.logins: Mapping[str, Login] = dict(logins or {})

    @property
    def scrape_targets(self) -> tuple[ScrapeTarget, ...]:
        return tuple(target for part in self.parts for target in part.scrape_targets())

    @property
    def secret_names(self) -> frozenset[str]:
        """The names of all secrets, and of whole texts with secrets, that the tier uses."""
        texts = [text for part in self.parts for text in part.texts()]
        logins = [value for login in self.logins.values() for value in login.values()]
        texts += [value.text for value in logins if isinstance(value, Secret)]
        names = (secret.name for text in texts for secret in text.secrets)
        return frozenset((*names, *(text.name for text in texts if text.name)))

    def component(self) -> pulumi.ComponentResource:
        """Register the component that holds the tier's resources."""
        return pulumi.ComponentResource(f"{PROJECT}:index:{type(self).__name__}", self.name)
