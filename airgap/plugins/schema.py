"""What a resource type has: one table per type, from which Check, Diff and the outputs follow.

The rules are those of the official plugins' bridge. Check fills defaults in and lists them under
`__defaults` in each object. Diff compares the outputs of the last run with the new inputs: what is left
out counts as empty, unless the engine chooses it (`computed`). Empty, zero, false and null are one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from airgap.plugins.values import UNKNOWN, Properties, Secret, has_unknown, reveal

DEFAULTS = "__defaults"


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


PYTHON_TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.NUMBER: (int, float),
    Kind.FLAG: (bool,),
    Kind.LIST: (list,),
    Kind.SET: (list,),
    Kind.MAP: (dict,),
    Kind.OBJECT: (dict,),
    Kind.OBJECTS: (list,),
}


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


@dataclass(frozen=True)
class Failure:
    """Why Check refuses a property."""

    path: str
    reason: str


@dataclass(frozen=True)
class Change:
    name: str
    kind: str
    """ADD, DELETE or UPDATE."""
    replaces: bool


def check(table: Table, news: Properties) -> tuple[Properties, list[Failure]]:
    """The inputs with their defaults, and everything that is wrong with them."""
    failures: list[Failure] = []
    inputs = _check_object(table.fields, news, "", failures)
    return inputs, failures


def diff(table: Table, olds: Properties, news: Properties) -> list[Change]:
    """What differs between the outputs of the last run and new inputs, in the order of names."""
    old_values, new_values = reveal(olds), reveal(news)
    changes = []
    for field in sorted(table.fields, key=lambda field: field.name):
        old, new = old_values.get(field.name), new_values.get(field.name)
        if not _same(field, old, new):
            kind = "ADD" if _is_empty(old) else "DELETE" if _is_empty(new) else "UPDATE"
            changes.append(Change(field.name, kind, field.replaces))
    return changes


def plan(table: Table, news: Properties, olds: Properties | None = None) -> Properties:
    """The outputs as far as the inputs decide them; the rest is as it was, or empty."""
    before = olds if olds is not None else table.outputs
    planned = dict(before)
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
    planned = plan(table, news)
    chosen_later = {field.name for field in table.fields if field.computed and news.get(field.name) is None}
    return {
        name: UNKNOWN if name in table.outputs or name in chosen_later else value
        for name, value in planned.items()
    }


def _check_object(
    fields: tuple[Field, ...], values: Properties, path: str, failures: list[Failure]
) -> Properties:
    known = {field.name: field for field in fields}
    inputs: Properties = {}
    defaults = []
    for name, value in values.items():
        if name == DEFAULTS or value is None:
            continue
        field = known.get(name)
        if field is None or not field.implemented:
            failures.append(Failure(path + name, "this stand-in does not implement the property"))
        else:
            inputs[name] = _check_value(field, value, path + name, failures)
    for field in fields:
        if field.name in inputs:
            continue
        if field.default is not None:
            inputs[field.name] = field.default
            defaults.append(field.name)
        elif field.required and values.get(field.name) is None:
            failures.append(Failure(path + field.name, "the property is required"))
    inputs[DEFAULTS] = sorted(defaults)
    return inputs


def _check_value(field: Field, value: Any, path: str, failures: list[Failure]) -> Any:
    if value is UNKNOWN:
        return value
    if isinstance(value, Secret):
        return Secret(_check_value(field, value.value, path, failures))
    if not isinstance(value, PYTHON_TYPES[field.kind]) or (
        field.kind is Kind.NUMBER and isinstance(value, bool)
    ):
        failures.append(Failure(path, f"expected {field.kind.name.lower()}, found {type(value).__name__}"))
    elif field.pattern and not re.fullmatch(field.pattern, value):
        failures.append(Failure(path, f"expected a text that matches {field.pattern}"))
    elif field.kind is Kind.OBJECT:
        return _check_object(field.fields, value, path + ".", failures)
    elif field.kind is Kind.OBJECTS:
        return [
            _check_item(field, item, f"{path}[{index}]", failures) for index, item in enumerate(value)
        ]
    return value


def _check_item(field: Field, item: Any, path: str, failures: list[Failure]) -> Any:
    if item is UNKNOWN:
        return item
    if isinstance(item, Secret):
        return Secret(_check_item(field, item.value, path, failures))
    if not isinstance(item, dict):
        failures.append(Failure(path, f"expected object, found {type(item).__name__}"))
        return item
    return _check_object(field.fields, item, path + ".", failures)


def _filled(field: Field, value: Any) -> Any:
    """A value as the outputs show it: every property of an object present, no list of defaults."""
    if isinstance(value, Secret):
        return Secret(_filled(field, value.value))
    if field.kind is Kind.OBJECT and isinstance(value, dict):
        return {
            part.name: part.empty if value.get(part.name) is None else _filled(part, value[part.name])
            for part in field.fields
        }
    if field.kind is Kind.OBJECTS and isinstance(value, list):
        one = Field(name=field.name, kind=Kind.OBJECT, fields=field.fields)
        return [_filled(one, item) for item in value]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", 0, [], {})


def _same(field: Field, old: Any, new: Any) -> bool:
    if has_unknown(new):
        return False
    if new is None and field.computed:
        return True
    if field.kind is Kind.OBJECT:
        before, after = old or {}, new or {}
        return all(_same(part, before.get(part.name), after.get(part.name)) for part in field.fields)
    if field.kind is Kind.OBJECTS:
        before, after = (sorted(items or [], key=lambda item: _order(field, item)) for items in (old, new))
        one = Field(name=field.name, kind=Kind.OBJECT, fields=field.fields)
        return len(before) == len(after) and all(map(_same, [one] * len(before), before, after))
    if field.kind is Kind.SET:
        return sorted(old or []) == sorted(new or [])
    return (_is_empty(old) and _is_empty(new)) or bool(old == new)


def _order(field: Field, item: Properties) -> str:
    """A text to sort objects by, from what does not depend on the engine's choice."""
    values = [item.get(part.name) for part in field.fields if not part.computed]
    return json.dumps([None if _is_empty(value) else value for value in values], sort_keys=True)


def without_defaults(value: Any) -> Any:
    """The same inputs without the lists of defaults, which some official plugins do not keep."""
    if isinstance(value, Secret):
        return Secret(without_defaults(value.value))
    if isinstance(value, dict):
        return {name: without_defaults(item) for name, item in value.items() if name != DEFAULTS}
    if isinstance(value, list):
        return [without_defaults(item) for item in value]
    return value
