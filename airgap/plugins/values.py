"""Property values between the protocol's Struct and Python, with secrets and unknowns kept.

The protocol writes a secret as an object with a signature key and `value`, and a value that a
preview cannot know yet as one fixed string. Both are facts of the protocol (pulumi/sdk,
resource/plugin/rpc).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Properties = dict[str, Any]
"""A resource's inputs or outputs: JSON values, `Secret` and `UNKNOWN`."""


@dataclass(frozen=True)
class Secret:
    """A value that the state must encrypt; it never prints."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(…)"


class Unknown:
    """What only the run itself will tell. There is one instance, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def from_struct(struct: struct_pb2.Struct) -> Properties:
    return {name: _from_value(value) for name, value in struct.fields.items()}


def to_struct(properties: Properties) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    _fill(struct, properties)
    return struct


def reveal(value: Any) -> Any:
    """The same value without its secret marks."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {name: reveal(item) for name, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def has_secret(value: Any) -> bool:
    return _contains(value, Secret)


def has_unknown(value: Any) -> bool:
    return _contains(value, Unknown)


def mark_secrets(properties: Properties, *sources: Properties) -> Properties:
    """Mark each property whole that is secret, or holds a secret, in one of the sources."""
    names = {name for source in sources for name, value in source.items() if has_secret(value)}
    return {
        name: Secret(reveal(value)) if name in names else value
        for name, value in properties.items()
    }


def _contains(value: Any, kind: type[Secret] | type[Unknown]) -> bool:
    if isinstance(value, kind):
        return True
    if isinstance(value, Secret):
        return _contains(value.value, kind)
    if isinstance(value, dict):
        return any(_contains(item, kind) for item in value.values())
    if isinstance(value, list):
        return any(_contains(item, kind) for item in value)
    return False


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
            return Secret(_from_value(fields["value"]))
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    return None


def _fill(struct: struct_pb2.Struct, properties: Properties) -> None:
    for name, value in properties.items():
        _set(struct.fields[name], value)


def _set(target: struct_pb2.Value, value: Any) -> None:
    """Write in place: to build parts and copy them would take twice as long."""
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, Unknown):
        target.string_value = UNKNOWN_TEXT
    elif isinstance(value, Secret):
        _set(target, {SIGNATURE: SECRET, "value": value.value})
    elif isinstance(value, dict):
        target.struct_value.SetInParent()  # also where there is nothing in it
        _fill(target.struct_value, value)
    elif isinstance(value, (list, tuple)):
        target.list_value.SetInParent()
        for item in value:
            _set(target.list_value.values.add(), item)
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    else:
        target.string_value = str(value)
