"""The difference as Markdown for the page of a job: a table, and a folded block per change."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from operations.plan.compare import STATUSES, Change
from operations.plan.outcome import Outcome

LIMIT = 1_000_000
"""Bytes. GitHub rejects a step's summary above 1 MiB, to which other commands may also write."""
LINES = 200
"""Lines that are shown of one resource: a new dashboard has thousands."""


def page(title: str, outcomes: Sequence[Outcome], command: str, limit: int = LIMIT) -> str:
    """The whole page; `command` shows what does not fit on it."""
    parts = [f"## {escape(title)}\n", _table(outcomes)]
    room = limit - sum(_size(part) for part in parts) - 200
    cut = 0
    for part in (part for outcome in outcomes for part in _stack(outcome)):
        room -= _size(part)
        if room < 0:
            cut += 1
        else:
            parts.append(part)
    if cut:
        parts.append(
            f"**{cut} more parts do not fit on this page. `{command}` shows all of them.**\n"
        )
    return "\n".join(parts)


def _table(outcomes: Sequence[Outcome]) -> str:
    rows = [
        "| stack | " + " | ".join(STATUSES) + " | same |",
        "| --- |" + " ---: |" * (len(STATUSES) + 1),
    ]
    for outcome in outcomes:
        difference = outcome.difference
        counts = [str(difference.count(status)) for status in STATUSES] if difference else []
        cells = [*counts, str(difference.same)] if difference else ["?"] * (len(STATUSES) + 1)
        rows.append(f"| {outcome.stack} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _stack(outcome: Outcome) -> Iterator[str]:
    yield f"### {outcome.stack}\n"
    difference = outcome.difference
    if difference is None:
        yield f"**The stack {outcome.stack} cannot be planned:**\n\n{_fenced(outcome.failure)}\n"
        return
    if outcome.base_failure:
        yield (
            "**The base cannot be planned, so every resource counts as created:**\n\n"
            f"{_fenced(outcome.base_failure)}\n"
        )
    if outcome.nothing_changes:
        yield "Nothing changes.\n"
    for change in difference.changes:
        yield _folded(change)
    if difference.hidden:
        yield (
            f"{difference.hidden} values are secret or known only after `pulumi up`. This page "
            "does not show a difference between such values.\n"
        )


def _folded(change: Change) -> str:
    resource = change.resource
    protected = ", <b>protected</b>" if resource.protected and change.status == "removed" else ""
    head = (
        f"{change.status}: {escape(resource.kind)} <code>{escape(resource.name)}</code>{protected}"
    )
    if not change.lines:
        return f"- {head}\n"
    lines = list(change.lines[:LINES])
    if len(change.lines) > LINES:
        lines.append(f" … {len(change.lines) - LINES} more lines")
    body = _fenced("\n".join(lines), "diff")
    return f"<details><summary>{head}</summary>\n\n{body}\n\n</details>\n"


def _fenced(text: str, language: str = "") -> str:
    """The text in a fence that is longer than any fence in the text, so that no line closes it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _size(text: str) -> int:
    return len(text.encode()) + 1
