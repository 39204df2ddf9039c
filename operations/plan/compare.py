"""Two plans of one stack: what is removed, replaced, changed or created, and what follows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from operations.plan.fields import ABSENT, differences
from operations.plan.resources import Plan, Resource, hidden, name

Status = Literal["removed", "replaced", "changed", "created", "follows"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to one resource. `lines` are a diff's; a removed one has none."""

    resource: Resource
    status: Status
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`same` counts resources, `hidden` the values that are secret or not known yet."""

    changes: tuple[Change, ...]
    same: int
    hidden: int

    def count(self, status: Status) -> int:
        return sum(change.status == status for change in self.changes)


def compare(base: Plan, head: Plan, steps: Mapping[str, Status] | None = None) -> Difference:
    """What leads from one plan to the other.

    `steps` says what Pulumi makes of a resource, by URN, where it was asked against a deployed
    state: it knows what is replaced, and what changes because its own words changed.
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
            old = [name(urn) for urn in before] if before else ABSENT
            yield from differences(old, [name(urn) for urn in urns], f"{key} comes from")


def _following(head: Plan, changes: Mapping[str, Change]) -> dict[str, Change]:
    """Resources whose hidden values come from what changes, directly or through one another."""
    found: dict[str, Change] = {}
    while True:
        moved = changes.keys() | found.keys()
        more = {
            resource.urn: Change(resource=resource, status="follows", lines=lines)
            for resource in head.values()
            if resource.urn not in moved and (lines := tuple(_moved(resource, moved)))
        }
        if not more:
            return found
        found |= more


def _moved(resource: Resource, moved: set[str]) -> Iterator[str]:
    for key, urns in resource.sources.items():
        sources = [name(urn) for urn in urns if urn in moved]
        if sources:
            yield f" {key}: comes from {', '.join(sources)}"
