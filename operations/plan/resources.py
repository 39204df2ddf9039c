"""A plan: what a program asks for, resource by resource, as a preview's JSON tells it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SECRET = "[secret]"
"""What a preview's JSON says in a secret value's place."""
LATER = "[known after up]"

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
# One for each kind of value that the protocol knows.
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
# What besides its inputs changes how a resource lives and ends.
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
    """One resource. `sources` are the URNs that the hidden values of a property come from."""

    urn: str
    inputs: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return name(self.urn)

    @property
    def kind(self) -> str:
        """The last word of its type: Container, Deployment."""
        of = self.urn.split("::", 3)[2].rpartition("$")[2]
        return "Provider" if of.startswith(_PROVIDERS) else of.rpartition(":")[2]

    @property
    def protected(self) -> bool:
        return bool(self.options.get("protect"))


Plan = Mapping[str, Resource]


def name(urn: str) -> str:
    return urn.split("::", 3)[3]


def plan(states: Iterable[Mapping[str, Any]], texts: Mapping[str, str] | None = None) -> Plan:
    """The resources of these states by URN; `texts` replace what differs from run to run."""
    own = [state for state in states if not state["type"].startswith(_ROOT)]
    stable = {**(texts or {}), **dict(_auto_names(own))}
    return {state["urn"]: _resource(state, stable) for state in own}


def hidden(value: Any) -> int:
    """How many secret or unknown values there are in it."""
    if isinstance(value, Mapping):
        return sum(hidden(each) for each in value.values())
    if isinstance(value, list):
        return sum(hidden(each) for each in value)
    return int(value in (SECRET, LATER))


def _resource(state: Mapping[str, Any], stable: Mapping[str, str]) -> Resource:
    inputs = {
        key: _clean(value, stable)
        for key, value in (state.get("inputs") or {}).items()
        if not key.startswith("__")
    }
    given = state.get("propertyDependencies") or {}
    options = {key: state[key] for key in _OPTIONS if state.get(key)}
    implied = {urn for urns in given.values() for urn in urns}
    after = sorted(name(urn) for urn in state.get("dependencies") or [] if urn not in implied)
    return Resource(
        urn=state["urn"],
        inputs=inputs,
        options=options | ({"dependsOn": after} if after else {}),
        sources={
            key: tuple(sorted(given[key]))
            for key, value in inputs.items()
            if hidden(value) and given.get(key)
        },
    )


def _auto_names(states: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Names that end in a random suffix, and what stands for them in every run."""
    for state in states:
        metadata = (state.get("inputs") or {}).get("metadata")
        if isinstance(metadata, Mapping) and (metadata.get("annotations") or {}).get(_AUTO_NAMED):
            given = metadata["name"]
            yield given, re.sub(r"-[0-9a-f]+$", "-[random]", given)


def _clean(value: Any, stable: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return SECRET
        return {
            key: _clean(each, stable) for key, each in value.items() if not key.startswith("__")
        }
    if isinstance(value, list):
        return [_clean(each, stable) for each in value]
    if not isinstance(value, str):
        return value
    if value in _UNKNOWN:
        return LATER
    for text, instead in stable.items():
        value = value.replace(text, instead)
    return value
