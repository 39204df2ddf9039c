"""The fields of the models, found by walking their annotations."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import SecretStr

from components.settings.base import Model


def models_in(annotation: Any) -> Iterator[type[Model]]:
    """The models that an annotation names, without those of their fields."""
    if is_model(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def models_below(root: type[Model]) -> Iterator[type[Model]]:
    """The root and every model of its fields, each model once and at its first occurrence."""
    models: dict[type[Model], None] = {root: None}
    for field in root.model_fields.values():
        for model in models_in(field.annotation):
            models |= dict.fromkeys(models_below(model))
    yield from models


def model_at(root: type[Model], location: Sequence[str]) -> type[Model]:
    """The model of the mapping at this location of the settings; the root if there is no model."""
    annotation: Any = root
    for part in location:
        annotation = _below(annotation, part)
    return next(models_in(annotation), root)


def may_hold_secret(root: type[Model], location: Sequence[str]) -> bool:
    """Whether the setting at this location is a secret, or has one below it."""
    annotation: Any = root
    for part in location:
        annotation = _below(annotation, part)
    field = model_at(root, location[:-1]).model_fields.get(location[-1]) if location else None
    return bool(location) and any(
        _holds_secret(kind) for kind in (annotation, field.annotation if field else None)
    )


def secrets_in(
    annotation: Any, value: Any, location: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """The locations of the secrets that a value of this annotation contains."""
    if _is_secret(annotation):
        if value:
            yield location
        return
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, Mapping):
        for key, part in value.items():
            below = _below(annotation, str(key))
            if below is not None:
                yield from secrets_in(below, part, (*location, str(key)))


def is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Model)


def _below(annotation: Any, key: str) -> Any:
    """The annotation of the value under a key of an annotated mapping; None for an unknown key."""
    if is_model(annotation):
        field = annotation.model_fields.get(key)
        return field.annotation if field else None
    arguments = get_args(annotation)
    if get_origin(annotation) in (dict, list):  # any key; the keys of a list are its indices
        return arguments[-1]
    return next(filter(None, (_below(argument, key) for argument in arguments)), None)


def _is_secret(annotation: Any) -> bool:
    """Whether the value itself is a secret, optional or with further validation."""
    if get_origin(annotation) in (dict, list):
        return False
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))


def _holds_secret(annotation: Any) -> bool:
    if annotation is SecretStr:
        return True
    if is_model(annotation):
        return any(_holds_secret(field.annotation) for field in annotation.model_fields.values())
    return any(map(_holds_secret, get_args(annotation)))
