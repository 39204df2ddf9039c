"""Compare two plans of a stack: which resources change, and which follow a change of another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from operations.plan.fields import ABSENT, differences
from operations.plan.resources import Plan, Resource, hidden, name

Status = Literal["removed", "replaced", "changed", "created", "follows"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, kw_only=True)
class Change:
    """The change of one resource. `lines` are the lines of a diff, empty for a removed resource."""

    resource: Resource
    status: Status
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`same` counts unchanged resources, `hidden` the values that are secret or not yet known."""

    changes: tuple[Change, ...]
    same: int
    hidden: int

    def count(self, status: Status) -> int:
        return sum(change.status == status for change in self.changes)


def compare(base: Plan, head: Plan, steps: Mapping[str, Status] | None = None) -> Difference:
    """The changes from one plan to the other.

    `steps` has Pulumi's own status of a resource by URN, where Pulumi previewed against a deployed
    state. Pulumi knows which resources it replaces or updates, even where no input differs.
    """
    changes = {
        change.resource.urn: change
        for urn in sorted({*base, *head})
        if (change := _change(base.get(urn), head.get(urn), (steps or {}).get(urn)))
    }
    changes |= _following(head, changes)
    return Difference(
        changes=tuple(sorted(changes.values(), key=_order)),
        same=len(head.keys() - changes.keys()),
        hidden=sum(hidden(resource.inputs) for resource in head.values()),
    )


def _order(change: Change) -> tuple[int, str, str]:
    return STATUSES.index(change.status), change.resource.kind, change.resource.name


def _change(base: Resource | None, head: Resource | None, step: Status | None) -> Change | None:
    if head is None:
        assert base is not None
        return Change(resource=base, status="removed")
    lines = tuple(_lines(base, head))
    if base is None:
        return Change(resource=head, status="created", lines=lines)
    status = step or ("changed" if lines else None)
    return Change(resource=head, status=status, lines=lines) if status else None


def _lines(base: Resource | None, head: Resource) -> Iterator[str]:
    yield from differences(base.inputs if base else {}, head.inputs)
    yield from differences(base.options if base else {}, head.options, "resource options")
    for key, urns in head.sources.items():
        before = base.sources.get(key) if base else None
        if base and before != urns:
            names = [name(urn) for urn in before] if before else ABSENT
            yield from differences(names, [name(urn) for urn in urns], f"{key} comes from")


def _following(head: Plan, changes: Mapping[str, Change]) -> dict[str, Change]:
    """Resources whose hidden values depend on a changed resource, directly or indirectly."""
    following: dict[str, Change] = {}
    while True:
        changed = changes.keys() | following.keys()
        additions = {
            resource.urn: Change(resource=resource, status="follows", lines=lines)
            for resource in head.values()
            if resource.urn not in changed and (lines := tuple(_changed_sources(resource, changed)))
        }
        if not additions:
            return following
        following |= additions


def _changed_sources(resource: Resource, changed: set[str]) -> Iterator[str]:
    for key, urns in resource.sources.items():
        sources = [name(urn) for urn in urns if urn in changed]
        if sources:
            yield f" {key}: comes from {', '.join(sources)}"
