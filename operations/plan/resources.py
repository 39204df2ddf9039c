"""A plan: the resources that a program registers, from the JSON of a preview."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SECRET = "[secret]"
"""Stands for a secret value in the JSON of a preview."""
LATER = "[known after up]"

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
# Stands for an unknown value: one per type of value in Pulumi's protocol.
_UNKNOWN = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
# The options that change how Pulumi updates and deletes a resource.
_OPTIONS = (
    "protect",
    "retainOnDelete",
    "deletedWith",
    "customTimeouts",
    "ignoreChanges",
    "replaceOnChanges",
)
_AUTO_NAMED = "pulumi.com/autonamed"
_ROOT = "pulumi:pulumi:"
_PROVIDERS = "pulumi:providers:"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource. `sources` has the URNs that a property's hidden values depend on."""

    urn: str
    inputs: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return name(self.urn)

    @property
    def kind(self) -> str:
        """The last word of its type, such as Container or Deployment."""
        type_ = self.urn.split("::", 3)[2].rpartition("$")[2]
        return "Provider" if type_.startswith(_PROVIDERS) else type_.rpartition(":")[2]

    @property
    def protected(self) -> bool:
        return bool(self.options.get("protect"))


Plan = Mapping[str, Resource]


def name(urn: str) -> str:
    return urn.split("::", 3)[3]


def plan(
    states: Iterable[Mapping[str, Any]], replacements: Mapping[str, str] | None = None
) -> Plan:
    """The resources of these states by URN; `replacements` replace texts that differ per run."""
    own = [state for state in states if not state["type"].startswith(_ROOT)]
    replacements = {**(replacements or {}), **dict(_auto_names(own))}
    return {state["urn"]: _resource(state, replacements) for state in own}


def hidden(value: Any) -> int:
    """The number of secret or unknown values in a value."""
    if isinstance(value, Mapping):
        return sum(hidden(item) for item in value.values())
    if isinstance(value, list):
        return sum(hidden(item) for item in value)
    return int(value in (SECRET, LATER))


def _resource(state: Mapping[str, Any], replacements: Mapping[str, str]) -> Resource:
    inputs = {
        key: _clean(value, replacements)
        for key, value in (state.get("inputs") or {}).items()
        if not key.startswith("__")
    }
    dependencies = state.get("propertyDependencies") or {}
    options = {key: state[key] for key in _OPTIONS if state.get(key)}
    implied = {urn for urns in dependencies.values() for urn in urns}
    explicit = sorted(name(urn) for urn in state.get("dependencies") or [] if urn not in implied)
    return Resource(
        urn=state["urn"],
        inputs=inputs,
        options=options | ({"dependsOn": explicit} if explicit else {}),
        sources={
            key: tuple(sorted(dependencies[key]))
            for key, value in inputs.items()
            if hidden(value) and dependencies.get(key)
        },
    )


def _auto_names(states: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Names with a random suffix, each with the text that replaces it in every run."""
    for state in states:
        metadata = (state.get("inputs") or {}).get("metadata")
        if isinstance(metadata, Mapping) and (metadata.get("annotations") or {}).get(_AUTO_NAMED):
            random_name = metadata["name"]
            yield random_name, re.sub(r"-[0-9a-f]+$", "-[random]", random_name)


def _clean(value: Any, replacements: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return SECRET
        return {
            key: _clean(item, replacements)
            for key, item in value.items()
            if not key.startswith("__")
        }
    if isinstance(value, list):
        return [_clean(item, replacements) for item in value]
    if not isinstance(value, str):
        return value
    if value in _UNKNOWN:
        return LATER
    for text, replacement in replacements.items():
        value = value.replace(text, replacement)
    return value
