"""Whether a shape accepts a value."""

from typing import Any

from pydantic import TypeAdapter, ValidationError


def accepts(shape: Any, value: Any) -> bool:
    try:
        TypeAdapter(shape).validate_python(value)
    except ValidationError:
        return False
    return True
