"""The differences between two values, field by field, as the lines of a diff."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from operations.plan.resources import SECRET

ABSENT = object()
"""Stands for a value that does not exist."""

NOT_SECRET = "[not secret]"
"""Shown instead of a value that is secret on the other side: both may be the same."""

# Lists of mappings are compared entry by entry where one of these keys identifies the entries.
_KEYS = (
    "name",
    "file",
    "label",
    "mountPath",
    "containerPath",
    "target",
    "containerPort",
    "internal",
    "port",
    "host",
    "key",
)
_CONTEXT = 2
_LONGEST = 160
# The expression of an alerting rule may be long, and its end may be what changed.
_LONGEST_LINE = 1000


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Lines that begin with a minus, a plus or a space; no line where the values are equal."""
    if before == after:
        return
    if SECRET in (before, after):
        yield from _scalars(_without_value(before), _without_value(after), path)
    elif all(value in (ABSENT, {}, []) for value in (before, after)):
        # An absent value differs from an empty one.
        yield from _scalars(before, after, path)
    elif _either(before, after, Mapping):
        old, new = ({} if value is ABSENT else value for value in (before, after))
        for key in sorted({*old, *new}):
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), _join(path, key))
    elif _either(before, after, list):
        old, new = ([] if value is ABSENT else value for value in (before, after))
        yield from _lists(old, new, path)
    elif _either(before, after, str) and _differ_by_lines(before, after):
        yield f" {path}:"
        yield from _texts(_lines_of(before), _lines_of(after))
    else:
        yield from _scalars(before, after, path)


def _either(before: Any, after: Any, kind: type) -> bool:
    """Whether both values are of this kind or absent."""
    return all(isinstance(value, kind) or value is ABSENT for value in (before, after))


def _lines_of(text: Any) -> list[str]:
    return [] if text is ABSENT else text.splitlines()


def _differ_by_lines(before: Any, after: Any) -> bool:
    old, new = _lines_of(before), _lines_of(after)
    return old != new and max(len(old), len(new)) > 1


def _without_value(value: Any) -> Any:
    return value if value is ABSENT or value == SECRET else NOT_SECRET


def _join(path: str, key: str) -> str:
    if not re.fullmatch(r"[\w -]+", key):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _lists(before: list[Any], after: list[Any], path: str) -> Iterator[str]:
    if all(not isinstance(entry, Mapping | list) for entry in (*before, *after)):
        yield f" {path}:"
        guard = before.count(SECRET) != after.count(SECRET)
        yield from _items(before, after, guard=guard)
        return
    key = _key(before, after)
    if key is None:
        for number in range(max(len(before), len(after))):
            old, new = (side[number] if number < len(side) else ABSENT for side in (before, after))
            yield from differences(old, new, f"{path}[{number}]")
        return
    yield from _entries(
        {str(entry[key]): entry for entry in before},
        {str(entry[key]): entry for entry in after},
        path,
    )


def _entries(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[str]:
    """The differences between the entries of two lists, by key, and in their order."""
    for key in dict.fromkeys([*before, *after]):
        yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), f"{path}[{key}]")
    old = [key for key in before if key in after]
    new = [key for key in after if key in before]
    if old != new:
        yield from _scalars(", ".join(old), ", ".join(new), f"{path}, in this order")


def _key(before: Sequence[Any], after: Sequence[Any]) -> str | None:
    entries = (*before, *after)
    if not all(isinstance(entry, Mapping) for entry in entries):
        return None
    for key in _KEYS:
        if all(isinstance(entry.get(key), str | int) for entry in entries) and all(
            len({entry[key] for entry in side}) == len(side) for side in (before, after)
        ):
            return key
    return None


def _items(before: Sequence[Any], after: Sequence[Any], *, guard: bool) -> Iterator[str]:
    old, new = ([_text(item) for item in side] for side in (before, after))
    for line in _unified(old, new, context=0):
        if not line.startswith("@"):
            yield f"{line[0]}{NOT_SECRET}" if guard and line[1:] != SECRET else line


def _texts(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for line in _unified(before, after, context=_CONTEXT):
        yield line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _unified(before: Sequence[str], after: Sequence[str], *, context: int) -> Iterator[str]:
    lines = difflib.unified_diff(before, after, n=context, lineterm="")
    # The first two lines name files.
    yield from (line for number, line in enumerate(lines) if number > 1)


def _scalars(before: Any, after: Any, path: str) -> Iterator[str]:
    old, new = ("" if value is ABSENT else _text(value) for value in (before, after))
    begin = max(0, _common_length(old, new) - _LONGEST // 2)
    for sign, value, text in (("-", before, old), ("+", after, new)):
        if value is not ABSENT:
            yield f"{sign}{path}: {_short(text, begin)}"


def _common_length(one: str, other: str) -> int:
    """The length of the common beginning of two texts."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def _short(text: str, begin: int) -> str:
    """A long text around the place where it differs."""
    if len(text) <= _LONGEST:
        return text
    cut = text[begin : begin + _LONGEST]
    return f"{'…' if begin else ''}{cut}{'…' if begin + _LONGEST < len(text) else ''}"


def _text(value: Any) -> str:
    """A text as it is, unless a reader could take it for a value of another type."""
    if not isinstance(value, str):
        return json.dumps(value, sort_keys=True)
    try:
        json.loads(value)
    except ValueError:
        plain = value and value == value.strip() and "\n" not in value
        return value if plain else json.dumps(value)
    return json.dumps(value)
