"""A stack file with its encrypted settings taken out: a plan needs no secret to read it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

# What says how the encrypted settings are encrypted.
_ENCRYPTION = ("encryptionsalt", "encryptedkey", "secretsprovider")


def without_secrets(text: str) -> tuple[str, dict[str, str]]:
    """The stack file without them, and what to set in their place, by path.

    What stands in a secret's place changes with its encrypted text: so a setting that was set
    anew is seen wherever the program tells one secret from another.
    """
    plain = yaml.safe_load(text) or {}
    config = plain.get("config") or {}
    found = {
        # A URL, since one of the secrets is one.
        _path(
            keys
        ): f"https://placeholder-{hashlib.sha256(secure.encode()).hexdigest()[:12]}.invalid"
        for keys, secure in _encrypted(config)
    }
    kept = {key: value for key, value in plain.items() if key not in _ENCRYPTION}
    kept["config"] = _without(config)
    return yaml.safe_dump(kept, sort_keys=False), found


def _is_encrypted(value: Any) -> bool:
    return isinstance(value, Mapping) and list(value) == ["secure"]


def _encrypted(value: Any, *keys: str | int) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if _is_encrypted(value):
        yield keys, value["secure"]
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _encrypted(each, *keys, key)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _encrypted(each, *keys, number)


def _without(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without(each) for key, each in value.items() if not _is_encrypted(each)}
    if isinstance(value, list):
        # Its place stays, so that the paths of those behind it stay right.
        return ["" if _is_encrypted(each) else _without(each) for each in value]
    return value


def _path(keys: tuple[str | int, ...]) -> str:
    """As `pulumi config set --path` reads it."""
    return str(keys[0]) + "".join(f"[{json.dumps(key)}]" for key in keys[1:])
