"""Diff: what differs between two values, and the paths at which it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from airgap.plugins.values import Unknown

Path = tuple[str | int, ...]
SPECIAL: Final = frozenset('."[]')


@dataclass(frozen=True)
class Change:
    """`kind` is ADD, DELETE or UPDATE; `value` is what the change brings."""

    path: Path
    kind: str
    value: Any = None


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Change]:
    """Changes, each at the outermost place where one of the two has nothing."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from _at((*path, name), old, new, name)
    elif isinstance(old, list) and isinstance(new, list):
        before, after = dict(enumerate(old)), dict(enumerate(new))
        for index in sorted(before.keys() | after.keys()):
            yield from _at((*path, index), before, after, index)
    elif not _equal(old, new):
        yield Change(path, "UPDATE", new)


def _equal(old: Any, new: Any) -> bool:
    """The protocol knows one kind of number, and a flag is none."""
    numbers = {type(old), type(new)} <= {int, float}
    return bool((numbers or type(old) is type(new)) and old == new and not isinstance(new, Unknown))


def _at(path: Path, old: dict[Any, Any], new: dict[Any, Any], name: str | int) -> Iterator[Change]:
    if name not in new:
        yield Change(path, "DELETE")
    elif name not in old:
        yield Change(path, "ADD", new[name])
    else:
        yield from differences(old[name], new[name], path)


def written(path: Path) -> str:
    """A path as the protocol writes it: `spec.ports[0].port`, `metadata.labels["a.b/c"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif SPECIAL & set(step):
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
        else:
            text += f".{step}" if text else step
    return text


def parse(text: str) -> Path:
    """A path of the protocol, as `ignoreChanges` has them; `*` stands for every place."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        if text[at] == ".":
            at += 1
        elif text[at] == "[" and text[at + 1] == '"':
            step, length = json.JSONDecoder().raw_decode(text[at + 1 :])
            steps.append(step)
            at += length + 2
        elif text[at] == "[":
            end = text.index("]", at)
            inner = text[at + 1 : end]
            steps.append(int(inner) if inner.isdecimal() else inner)
            at = end + 1
        else:
            end = min((i for i in (text.find(c, at) for c in ".[") if i >= 0), default=len(text))
            steps.append(text[at:end])
            at = end
    return tuple(steps)


def within(path: Path, outer: Path) -> bool:
    """Whether a path lies at or below another."""
    pairs = zip(path, outer, strict=False)
    return len(path) >= len(outer) and all(step in (at, "*") for at, step in pairs)
