"""A stack file with placeholders for its encrypted settings, which a plan cannot decrypt."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

# The keys of a stack file that describe its encryption.
_ENCRYPTION = ("encryptionsalt", "encryptedkey", "secretsprovider")


def without_secrets(text: str) -> tuple[str, dict[str, str]]:
    """The stack file without its encrypted settings, and a placeholder for each of them, by path.

    A placeholder changes with the encrypted text. So a plan shows a changed secret where a resource
    contains a digest of it.
    """
    plain = yaml.safe_load(text) or {}
    config = plain.get("config") or {}
    placeholders = {_path(keys): _placeholder(secure) for keys, secure in _encrypted(config)}
    stack_file = {key: value for key, value in plain.items() if key not in _ENCRYPTION}
    stack_file["config"] = _without_encrypted(config)
    return yaml.safe_dump(stack_file, sort_keys=False), placeholders


def _placeholder(secure: str) -> str:
    """A URL, because one of the secrets must be a URL."""
    return f"https://placeholder-{hashlib.sha256(secure.encode()).hexdigest()[:12]}.invalid"


def _is_encrypted(value: Any) -> bool:
    return isinstance(value, Mapping) and list(value) == ["secure"]


def _encrypted(value: Any, *keys: str | int) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if _is_encrypted(value):
        yield keys, value["secure"]
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _encrypted(item, *keys, key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _encrypted(item, *keys, number)


def _without_encrypted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _without_encrypted(item) for key, item in value.items() if not _is_encrypted(item)
        }
    if isinstance(value, list):
        # An empty text keeps the position, so that the paths of later items stay correct.
        return ["" if _is_encrypted(item) else _without_encrypted(item) for item in value]
    return value


def _path(keys: tuple[str | int, ...]) -> str:
    """The path in the syntax of `pulumi config set --path`."""
    return str(keys[0]) + "".join(f"[{json.dumps(key)}]" for key in keys[1:])
