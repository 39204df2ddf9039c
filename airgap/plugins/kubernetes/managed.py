"""Who manages which fields: what a first server-side apply takes over, and from whom."""

from __future__ import annotations

from typing import Any, Final

from airgap.plugins.kubernetes.differences import Path
from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.objects import part

CREATOR: Final = "pulumi-kubernetes"
"""Under which name the plugin creates; its first update moves the fields to the manager's own."""
CREATORS: Final = frozenset({CREATOR, "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"})
TAKEN_OVER: Final = (
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    *((name, "Update") for name in sorted(CREATORS)),
)
"""Beginnings of managers' names whose fields an update takes over, as officially."""


def entries(live: Object) -> list[Object]:
    return part(live, "metadata", "managedFields") or []


def taken_over(live: Object, manager: str) -> list[Object] | None:
    """The entries after the manager took over what it may; None when there is nothing to take."""
    ours = [entry for entry in entries(live) if _is(entry, manager)]
    others = [entry for entry in entries(live) if not _is(entry, manager)]
    taken = [entry for entry in others if _may_take(entry)]
    if not taken:
        return None
    merged: Any = {}
    for entry in (*ours, *taken):
        merged = _union(merged, entry.get("fieldsV1") or {})
    first = (ours or taken)[0] | {"manager": manager, "operation": "Apply", "fieldsV1": merged}
    return [*(entry for entry in others if not _may_take(entry)), first]


def created_by_plugin(live: Object) -> bool:
    """Whether some fields are still managed under the name of the creation."""
    return any(
        entry.get("operation") == "Update" and entry.get("manager") in CREATORS
        for entry in entries(live)
    )


def _is(entry: Object, manager: str) -> bool:
    return entry.get("manager") == manager and entry.get("operation") == "Apply"


def _may_take(entry: Object) -> bool:
    return not entry.get("subresource") and any(
        str(entry.get("manager")).startswith(name) and entry.get("operation") == operation
        for name, operation in TAKEN_OVER
    )


def _union(one: Object, other: Object) -> Object:
    """Both sets of fields: in this notation, nested names."""
    both = {name: _union(value, other.get(name, {})) for name, value in one.items()}
    return both | {name: value for name, value in other.items() if name not in one}


def without_ignored(inputs: Object, live: Object, manager: str, paths: list[Path]) -> Object:
    """Inputs in which ignored fields are the live ones, or left out where only others manage them.

    Paths into lists are not followed, as officially.
    """
    for path in paths:
        names = [str(step) for step in path]
        found = part(live, *names)
        if _manages(live, names, others_than=manager) and not _manages(live, names, manager):
            inputs = _with(inputs, names, None)
        elif found is not None:
            inputs = _with(inputs, names, found)
    return inputs


def _manages(live: Object, names: list[str], manager: str = "", others_than: str = "") -> bool:
    fields = [f"f:{name}" for name in names]
    return any(
        part(entry.get("fieldsV1"), *fields) is not None
        for entry in entries(live)
        if (entry.get("manager") != others_than if others_than else entry.get("manager") == manager)
    )


def _with(thing: Object, names: list[str], value: Any) -> Object:
    """The object with one field set, or taken out for None."""
    name, *inner = names
    if not inner:
        rest = {key: item for key, item in thing.items() if key != name}
        return rest if value is None else rest | {name: value}
    below = thing.get(name)
    if not isinstance(below, dict):
        if value is None:
            return thing
        below = {}
    return thing | {name: _with(below, inner, value)}
