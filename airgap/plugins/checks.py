"""Check: the inputs with their defaults, and everything that is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from airgap.plugins.schema import DEFAULTS, Field, Kind, Table
from airgap.plugins.values import UNKNOWN, Properties, Secret

PYTHON_TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.TEXT: (str,),
    Kind.NUMBER: (int, float),
    Kind.FLAG: (bool,),
    Kind.LIST: (list,),
    Kind.SET: (list,),
    Kind.MAP: (dict,),
    Kind.OBJECT: (dict,),
    Kind.OBJECTS: (list,),
}


@dataclass(frozen=True)
class Failure:
    """Why Check refuses a property."""

    path: str
    reason: str


def check(table: Table, news: Properties) -> tuple[Properties, list[Failure]]:
    """Secrets stay marked, unknowns unknown; a property that it lacks is refused, not dropped."""
    failures: list[Failure] = []
    return _object(table.fields, news, "", failures), failures


def without_defaults(value: Any) -> Any:
    """The same inputs without the lists of defaults, which some official plugins do not keep."""
    if isinstance(value, Secret):
        return Secret(without_defaults(value.value))
    if isinstance(value, dict):
        return {name: without_defaults(item) for name, item in value.items() if name != DEFAULTS}
    if isinstance(value, list):
        return [without_defaults(item) for item in value]
    return value


def _object(
    fields: tuple[Field, ...], values: Properties, path: str, failures: list[Failure]
) -> Properties:
    known = {field.name: field for field in fields if field.implemented}
    given = {
        name: value for name, value in values.items() if value is not None and name != DEFAULTS
    }
    inputs = {}
    for name, value in given.items():
        if name in known:
            inputs[name] = _value(known[name], value, path + name, failures)
        else:
            failures.append(Failure(path + name, "this stand-in does not implement the property"))
    left_out = [field for field in fields if field.name not in given]
    failures += [
        Failure(path + field.name, "the property is required")
        for field in left_out
        if field.required
    ]
    defaults = {field.name: field.default for field in left_out if field.default is not None}
    return {DEFAULTS: sorted(defaults)} | inputs | defaults


def _value(field: Field, value: Any, path: str, failures: list[Failure]) -> Any:
    if value is UNKNOWN:
        return value
    if isinstance(value, Secret):
        return Secret(_value(field, value.value, path, failures))
    problem = _problem(field, value)
    if problem:
        failures.append(Failure(path, problem))
    elif field.kind is Kind.OBJECT:
        return _object(field.fields, value, path + ".", failures)
    elif field.kind is Kind.OBJECTS:
        one = Field(name=field.name, kind=Kind.OBJECT, fields=field.fields)
        return [_value(one, item, f"{path}[{index}]", failures) for index, item in enumerate(value)]
    return value


def _problem(field: Field, value: Any) -> str:
    """What is wrong with a value itself; it may be a secret, so it is not repeated."""
    right_type = isinstance(value, PYTHON_TYPES[field.kind])
    if not right_type or (field.kind is Kind.NUMBER and isinstance(value, bool)):
        return f"expected {field.kind.name.lower()}, found {type(value).__name__}"
    if field.pattern and not re.fullmatch(field.pattern, value):
        return f"expected a text that matches {field.pattern}"
    return ""
