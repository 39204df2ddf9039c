"""What a resource type has: one table per type, from which Check, Diff and the outputs follow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from airgap.plugins.values import UNKNOWN, Properties

DEFAULTS: Final = "__defaults"
"""Where the official plugins list, in each object of the inputs, what Check filled in."""


class Kind(Enum):
    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    LIST = auto()
    """Texts whose order counts."""
    SET = auto()
    """Texts whose order does not count."""
    MAP = auto()
    """Names to texts."""
    OBJECT = auto()
    OBJECTS = auto()
    """Objects whose order does not count."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property: `replaces` tells whether a change of it replaces the resource or updates it."""

    name: str
    kind: Kind = Kind.TEXT
    replaces: bool = False
    required: bool = False
    computed: bool = False
    """When left out, the engine's own choice stands and is no change."""
    default: Any = None
    """Check fills it in."""
    empty: Any = None
    """What the outputs hold when there is nothing."""
    pattern: str = ""
    """A regular expression that a text must match whole."""
    implemented: bool = True
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """`outputs` are what only the engine sets, each with what it holds when there is nothing."""

    token: str
    fields: tuple[Field, ...]
    outputs: Properties
    delete_first: bool
    """A replacement deletes the old one before it makes the new one."""
    meta: str = ""
    """What the official plugin keeps in the state for itself, so that it can take over."""


def plan(table: Table, news: Properties, olds: Properties | None = None) -> Properties:
    """The outputs as far as the inputs decide them; the rest is as it was, or empty."""
    planned = dict(table.outputs if olds is None else olds)
    for field in table.fields:
        if news.get(field.name) is not None:
            planned[field.name] = _filled(field, news[field.name])
        elif olds is None or not field.computed:
            planned[field.name] = field.empty
    if olds is None and table.meta:
        planned["__meta"] = table.meta
    return planned


def preview(table: Table, news: Properties) -> Properties:
    """The outputs of a creation that has not happened: what the engine decides is unknown."""
    left_out = {
        field.name for field in table.fields if field.computed and news.get(field.name) is None
    }
    return plan(table, news) | dict.fromkeys([*table.outputs, *left_out], UNKNOWN)


def _filled(field: Field, value: Any) -> Any:
    """A value as the outputs show it: every property of an object present, no list of defaults."""
    if field.kind is Kind.OBJECT and isinstance(value, dict):
        return _whole(field, value)
    if field.kind is Kind.OBJECTS and isinstance(value, list):
        return [_whole(field, item) if isinstance(item, dict) else item for item in value]
    return value


def _whole(field: Field, item: Properties) -> Properties:
    return {
        part.name: part.empty if item.get(part.name) is None else _filled(part, item[part.name])
        for part in field.fields
    }
