"""The difference as Markdown, for the page of a job: a table, and what changes folded below it."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from operations.plan.compare import STATUSES, Change
from operations.plan.outcome import Outcome

LIMIT = 1_000_000
"""Bytes. GitHub refuses a step's summary of more than 1 MiB whole, and a step may say more."""
LINES = 200
"""Lines of one resource: a reviewer reads them, and a new dashboard has thousands."""


def page(title: str, outcomes: Sequence[Outcome], how: str, limit: int = LIMIT) -> str:
    """The whole page; `how` is the command that shows what is cut."""
    whole = [f"## {escape(title)}\n", _table(outcomes)]
    room = limit - sum(_size(part) for part in whole) - 200
    cut = 0
    for part in (part for outcome in outcomes for part in _stack(outcome)):
        room -= _size(part)
        if room < 0:
            cut += 1
        else:
            whole.append(part)
    if cut:
        whole.append(f"**Cut: {cut} more parts do not fit on this page. `{how}` shows all.**\n")
    return "\n".join(whole)


def _table(outcomes: Sequence[Outcome]) -> str:
    rows = [
        "| stack | " + " | ".join(STATUSES) + " | same |",
        "| --- |" + " ---: |" * (len(STATUSES) + 1),
    ]
    for outcome in outcomes:
        found = outcome.difference
        counts = [str(found.count(status)) for status in STATUSES] if found else []
        cells = [*counts, str(found.same)] if found else ["?"] * (len(STATUSES) + 1)
        rows.append(f"| {outcome.stack} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _stack(outcome: Outcome) -> Iterator[str]:
    yield f"### {outcome.stack}\n"
    found = outcome.difference
    if found is None:
        yield f"**The stack {outcome.stack} cannot be planned:**\n\n{_fenced(outcome.failure)}\n"
        return
    if outcome.base_failure:
        yield (
            "**The base cannot be planned, so all that this asks for counts as created:**\n\n"
            f"{_fenced(outcome.base_failure)}\n"
        )
    if outcome.nothing_changes:
        yield "Nothing changes.\n"
    for change in found.changes:
        yield _folded(change)
    if found.hidden:
        yield (
            f"{found.hidden} values are secret or known only after `pulumi up`: where nothing but "
            "such a value differs, nothing is shown.\n"
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
    """A fence that is longer than any in the text, so that nothing in it ends it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _size(text: str) -> int:
    return len(text.encode()) + 1
