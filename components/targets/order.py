"""In which order parts start: the same on every target."""

from collections.abc import Iterable

import pulumi

from components.tier import Description

UNCHANGED = "Nothing was changed."


def order(parts: Iterable[Description]) -> tuple[Description, ...]:
    """The parts in the order in which they start. Parts that do not wait for each other keep their
    order.

    Raises RunError for a name that no part provides, and for a cycle.
    """
    parts = tuple(parts)
    providers = {name: part for part in parts for name in part.provides()}
    ordered: dict[str, Description] = {}

    def visit(part: Description, path: tuple[str, ...]) -> None:
        if part.name in path:
            cycle = " starts after ".join((*path[path.index(part.name) :], part.name))
            raise pulumi.RunError(f"parts of the stack wait for each other: {cycle}. {UNCHANGED}")
        if part.name not in ordered:
            for name in part.starts_after:
                if name not in providers:
                    raise pulumi.RunError(
                        f"{part.name} starts after {name}, which no part of the stack provides. "
                        f"{UNCHANGED} The stack provides: {', '.join(sorted(providers))}."
                    )
                visit(providers[name], (*path, part.name))
            ordered[part.name] = part

    for part in parts:
        visit(part, ())
    return tuple(ordered.values())
