"""Secrets that the cluster has already: mounted as they are, or composed in the pod.

No value passes through Pulumi. What a container needs as it is, it gets by reference. Where it is a
part of something, of a URL or of a list of users, an init container composes that at the pod's
start, into memory. Its templates hold no secret and stand in a ConfigMap.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from components.credentials import Credentials
from components.settings.kubernetes import ExistingSecret
from components.text import Secret, Text
from components.workload import Container, Image, Resources

PROGRAM, PARTS, COMPOSED = "/run/compose", "/run/parts", "/run/composed"
VERSION = "ai-platform/secret."

_COMPOSE = Path(__file__).parent / "compose.py"
_TEXT = Path(__file__).parents[2] / "text.py"
# Where the program's files stand below PROGRAM, by their keys.
_FILES = {"compose.py": "compose.py", "text.py": "components/text.py", "texts.json": "texts.json"}


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """A container's texts with secrets, by key: who has what they are made of."""

    ours: dict[str, Text] = field(default_factory=dict)
    existing: dict[str, ExistingSecret] = field(default_factory=dict)
    composed: dict[str, Text] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    """Annotations of the pod: a changed version starts it again."""


@dataclass(frozen=True, kw_only=True)
class Composer:
    """The init container that composes texts, what it mounts, and the volumes of all this."""

    container: Container
    mounts: list[dict[str, Any]]
    volumes: list[dict[str, Any]]


def sort(texts: Mapping[str, Text], credentials: Credentials) -> Sorted:
    found = Sorted()
    for key, text in texts.items():
        whole = credentials.existing(text.name)
        parts = {each.name: credentials.existing(each.name) for each in text.secrets}
        if whole and text.name:
            found.existing[key] = whole
            parts = {text.name: whole}
        elif any(parts.values()):
            found.composed[key] = text
        else:
            found.ours[key] = text
        found.versions.update(
            {VERSION + name: each.version for name, each in parts.items() if each and each.version}
        )
    return found


def own_parts(composed: Mapping[str, Text], credentials: Credentials) -> dict[str, Text]:
    """Parts of composed texts that the cluster has not: we hand them over, by their names."""
    return {
        part.name: part.text for part in _parts(composed) if not credentials.existing(part.name)
    }


def program(composed: Mapping[str, Text]) -> dict[str, str]:
    """The files of the ConfigMap: the program, the forms of a secret, and the templates."""
    texts = {
        key: {"template": text.template, "secrets": [each.name for each in text.secrets]}
        for key, text in composed.items()
    }
    return {
        "compose.py": _COMPOSE.read_text(),
        "text.py": _TEXT.read_text(),
        "texts.json": json.dumps(texts, indent=2, sort_keys=True) + "\n",
    }


def composer(
    container: Container,
    composed: Mapping[str, Text],
    credentials: Credentials,
    image: Image,
    program: pulumi.Input[str],
    held: pulumi.Input[str] | None,
) -> Composer:
    """The init container for `container`. `held` is the Secret with the parts that are ours."""
    name = f"{container.name}-compose"
    mine = own_parts(composed, credentials)
    existing = {
        each.name: found for each in _parts(composed) if (found := credentials.existing(each.name))
    }
    sources = projected(existing)
    if mine:
        items = [{"key": part_key(each), "path": each} for each in sorted(mine)]
        sources.append({"secret": {"name": held, "items": items}})
    items = [{"key": key, "path": path} for key, path in _FILES.items()]
    return Composer(
        container=Container(
            name=name,
            image=image,
            entrypoint=("python3", "-B", f"{PROGRAM}/compose.py"),
            command=(f"{PROGRAM}/texts.json", PARTS, COMPOSED),
            resources=Resources(memory=64, cpu=0.2, memory_request=16, cpu_request=0.01),
        ),
        mounts=[
            {"name": name, "mountPath": PROGRAM, "readOnly": True},
            {"name": f"{container.name}-parts", "mountPath": PARTS, "readOnly": True},
            {"name": composed_volume(container), "mountPath": COMPOSED},
        ],
        volumes=[
            {"name": name, "configMap": {"name": program, "items": items, "defaultMode": 0o444}},
            {
                "name": f"{container.name}-parts",
                "projected": {"sources": sources, "defaultMode": 0o444},
            },
            {
                "name": composed_volume(container),
                "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"},
            },
        ],
    )


def composed_volume(container: Container) -> str:
    return f"{container.name}-composed"


def part_key(name: str) -> str:
    """The key of a part in our own Secret, where it never meets a file's."""
    return f"_part.{name}"


def projected(wanted: Mapping[str, ExistingSecret]) -> list[dict[str, Any]]:
    """Sources of a projected volume in which each key stands under the path given for it."""
    return [
        {"secret": {"name": each.name, "items": [{"key": each.key, "path": path}]}}
        for path, each in sorted(wanted.items())
    ]


def _parts(composed: Mapping[str, Text]) -> Sequence[Secret]:
    return list(dict.fromkeys(each for text in composed.values() for each in text.secrets))
