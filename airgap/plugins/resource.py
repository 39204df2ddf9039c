"""What the server asks of a resource type, and the ways in which an operation can fail."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from airgap.plugins import checks, differences, schema
from airgap.plugins.checks import Failure
from airgap.plugins.differences import Change
from airgap.plugins.schema import Table
from airgap.plugins.values import Properties

Log = Callable[[str], None]
"""Shows one line beside the resource while the operation runs."""


class Failed(Exception):
    """Nothing was changed, or what was changed is as before; the text is for the user."""


class Incomplete(Exception):
    """The resource exists but is not what was asked for: the state records it as failed.

    `details` are further reasons, each shown on a line of its own; `inputs` are what a refresh
    found them to be.
    """

    def __init__(
        self,
        live: Live,
        reason: str,
        details: tuple[str, ...] = (),
        inputs: Properties | None = None,
    ) -> None:
        super().__init__(reason)
        self.live = live
        self.details = details
        self.inputs = inputs


@dataclass(frozen=True)
class Live:
    """A resource as it is."""

    id: str
    outputs: Properties


class Resource(ABC):
    """One resource type. Values come in without secret marks; the server puts them back."""

    table: Table
    detailed_diff = True

    def check(self, news: Properties) -> tuple[Properties, list[Failure]]:
        return checks.check(self.table, news)

    def diff(self, olds: Properties, news: Properties) -> list[Change]:
        return differences.diff(self.table, olds, news)

    def preview_create(self, inputs: Properties) -> Properties:
        return schema.preview(self.table, inputs)

    def preview_update(self, olds: Properties, news: Properties) -> Properties:
        return schema.plan(self.table, news, olds)

    @abstractmethod
    def create(self, inputs: Properties, log: Log) -> Live: ...

    @abstractmethod
    def read(self, live: Live) -> Live | None:
        """As it is now, or None when it is gone."""

    @abstractmethod
    def update(self, live: Live, news: Properties, log: Log) -> Properties: ...

    @abstractmethod
    def delete(self, live: Live) -> None:
        """Succeeds when there is nothing left, whoever removed it."""
