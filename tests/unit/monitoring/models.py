"""Whether a JSON document follows Grafana's published types.

The types parse leniently: they drop unknown keys and accept wrong values. So `dropped` compares the
document with what the types write back, and `misfits` compares each value with its declared type.
"""

import json
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

register_default_plugins()


def load(document: dict[str, Any]) -> Dashboard:
    return Dashboard.from_json(document)


def dropped(document: dict[str, Any]) -> list[str]:
    """The paths of values that are missing or different after the types have read and written
    them."""
    return list(_differences(document, json.loads(JSONEncoder().encode(load(document))), "$"))


def misfits(model: Any, path: str = "$") -> Iterator[str]:
    """The paths of values that do not have their declared type."""
    for name, hint in get_type_hints(type(model)).items():
        yield from _misfits(getattr(model, name), hint, f"{path}.{name}")


def _misfits(value: Any, hint: Any, path: str) -> Iterator[str]:
    kind = get_origin(hint) or hint
    if kind is Union:
        problems = [list(_misfits(value, item, path)) for item in get_args(hint)]
        yield from min(problems, key=len)
    elif kind is list and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _misfits(item, get_args(hint)[0], f"{path}[{index}]")
    elif kind is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from _misfits(item, get_args(hint)[1], f"{path}.{key}")
    elif kind is Literal:
        if value not in get_args(hint):
            yield f"{path}: {value!r} is none of {get_args(hint)}"
    elif isinstance(kind, type) and issubclass(kind, Enum):
        if value not in [member.value for member in kind]:
            yield f"{path}: {value!r} is no {kind.__name__}"
    elif hasattr(kind, "from_json"):
        # The types do not parse some parts, such as transformations.
        model = kind.from_json(value) if isinstance(value, dict) else value
        yield from misfits(model, path) if isinstance(model, kind) else [f"{path}: {value!r}"]
    elif kind is float:
        if not isinstance(value, int | float):
            yield f"{path}: {value!r} is no number"
    elif kind not in (Any, object) and not isinstance(value, kind):
        yield f"{path}: {value!r} is no {kind.__name__}"
    elif hasattr(type(value), "from_json"):
        # A panel's own options, which may be anything.
        yield from misfits(value, path)


def _differences(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            yield from _differences(value, after.get(key), f"{path}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif before != after:
        yield path
