"""Diff: what differs between the outputs of the last run and new inputs.

The rules are those of the official plugins' bridge: what is left out counts as empty, unless the
engine chooses it (`computed`); empty, zero, false and null are one; an unknown value is a change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from airgap.plugins.schema import Field, Kind, Table
from airgap.plugins.values import Properties, has_unknown


@dataclass(frozen=True)
class Change:
    name: str
    kind: str
    """ADD, DELETE or UPDATE."""
    replaces: bool = False


def diff(table: Table, olds: Properties, news: Properties) -> list[Change]:
    """The changes in the order of their names. Values come without secret marks."""
    changes = []
    for field in sorted(table.fields, key=lambda field: field.name):
        old, new = olds.get(field.name), news.get(field.name)
        if not _same(field, old, new):
            kind = "ADD" if not old else "DELETE" if not new else "UPDATE"
            changes.append(Change(field.name, kind, field.replaces))
    return changes


def _same(field: Field, old: Any, new: Any) -> bool:
    if has_unknown(new):
        return False
    if new is None and field.computed:
        return True
    if field.kind is Kind.OBJECT:
        return _same_object(field, old or {}, new or {})
    if field.kind is Kind.OBJECTS:
        before, after = _in_order(field, old), _in_order(field, new)
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(_same_object(field, *pair) for pair in pairs)
    if field.kind is Kind.SET:
        return sorted(old or []) == sorted(new or [])
    return bool(old == new) or not (old or new)


def _same_object(field: Field, old: Properties, new: Properties) -> bool:
    return all(_same(part, old.get(part.name), new.get(part.name)) for part in field.fields)


def _in_order(field: Field, items: list[Properties] | None) -> list[Properties]:
    """Objects sorted by what does not depend on the engine's choice."""
    names = [part.name for part in field.fields if not part.computed]
    return sorted(
        items or [], key=lambda item: json.dumps([item.get(name) or None for name in names])
    )
