"""Secrets that the cluster has already: mounted as they are, or filled into texts in the pod.

Their values never pass through Pulumi. If a container needs the secret itself, its pod refers to
the Secret. If the secret is a part of a text, such as a URL or a list of users, an init container
fills it in when the pod starts, and writes the text into memory. A ConfigMap contains the
templates, which hold no secrets.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from components.container import Container, Image, Resources
from components.secrets import Secrets
from components.settings import ExistingSecret
from components.text import Secret, Text

PROGRAM, PARTS, COMPOSED = "/run/compose", "/run/parts", "/run/composed"
VERSION = "ai-platform/secret."

_FILL_SECRETS = Path(__file__).parent / "in_pod" / "fill_secrets.py"
_TEXT = Path(__file__).parents[2] / "text.py"
# The paths of the program's files below PROGRAM, by their keys in the ConfigMap.
_FILES = {"compose.py": "compose.py", "text.py": "components/text.py", "texts.json": "texts.json"}


@dataclass(frozen=True, kw_only=True)
class Origins:
    """Where the secrets of a container's texts come from. The texts are listed by key.

    Pulumi fills `ours`. `existing` are Secrets of the cluster as they are. The pod fills
    `composed`. `versions` are annotations of the pod; when one changes, the pod restarts.
    """

    ours: Mapping[str, Text]
    existing: Mapping[str, ExistingSecret]
    composed: Mapping[str, Text]
    versions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Composer:
    """The init container that fills in texts, its mounts, and the volumes for it and its
    results."""

    container: Container
    mounts: Sequence[dict[str, Any]]
    volumes: Sequence[dict[str, Any]]


def origins(texts: Mapping[str, Text], secrets: Secrets) -> Origins:
    ours: dict[str, Text] = {}
    existing: dict[str, ExistingSecret] = {}
    composed: dict[str, Text] = {}
    versions: dict[str, str] = {}
    for key, text in texts.items():
        whole = secrets.existing(text.name)
        parts = {secret.name: secrets.existing(secret.name) for secret in text.secrets}
        if whole and text.name:
            existing[key] = whole
            parts = {text.name: whole}
        elif any(parts.values()):
            composed[key] = text
        else:
            ours[key] = text
        versions |= {
            VERSION + name: existing_secret.version
            for name, existing_secret in parts.items()
            if existing_secret and existing_secret.version
        }
    return Origins(ours=ours, existing=existing, composed=composed, versions=versions)


def own_parts(composed: Mapping[str, Text], secrets: Secrets) -> dict[str, Text]:
    """The secrets in composed texts that the cluster does not have and Pulumi provides, by name."""
    return {
        secret.name: secret.text for secret in _parts(composed) if not secrets.existing(secret.name)
    }


def program(composed: Mapping[str, Text]) -> dict[str, str]:
    """The files of the ConfigMap: the program, the forms of a secret, and the templates."""
    texts = {
        key: {"template": text.template, "secrets": [secret.name for secret in text.secrets]}
        for key, text in composed.items()
    }
    return {
        "compose.py": _FILL_SECRETS.read_text(),
        "text.py": _TEXT.read_text(),
        "texts.json": json.dumps(texts, indent=2, sort_keys=True) + "\n",
    }


def composer(
    container: Container,
    composed: Mapping[str, Text],
    secrets: Secrets,
    image: Image,
    program: pulumi.Input[str],
    own_secret: pulumi.Input[str] | None,
) -> Composer:
    """The init container for `container`. `own_secret` is the Secret with our own parts."""
    name, parts = f"{container.name}-compose", f"{container.name}-parts"
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
            {"name": parts, "mountPath": PARTS, "readOnly": True},
            {"name": composed_volume(container), "mountPath": COMPOSED},
        ],
        volumes=[
            {
                "name": name,
                "configMap": {
                    "name": program,
                    "items": [{"key": key, "path": path} for key, path in _FILES.items()],
                    "defaultMode": 0o444,
                },
            },
            {
                "name": parts,
                "projected": {
                    "sources": _sources(composed, secrets, own_secret),
                    "defaultMode": 0o444,
                },
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
    """The key of a part in our own Secret. No file has such a key."""
    return f"_part.{name}"


def projected(secrets: Mapping[str, ExistingSecret]) -> list[dict[str, Any]]:
    """The sources of a projected volume with one key of each Secret, by its path in the volume."""
    return [
        {
            "secret": {
                "name": existing_secret.name,
                "items": [{"key": existing_secret.key, "path": path}],
            }
        }
        for path, existing_secret in sorted(secrets.items())
    ]


def _sources(
    composed: Mapping[str, Text], secrets: Secrets, own_secret: pulumi.Input[str] | None
) -> list[dict[str, Any]]:
    """Where the init container finds the parts: in the cluster's Secrets, and in our own."""
    existing = {
        secret.name: existing_secret
        for secret in _parts(composed)
        if (existing_secret := secrets.existing(secret.name))
    }
    own_items = [
        {"key": part_key(name), "path": name} for name in sorted(own_parts(composed, secrets))
    ]
    ours = [{"secret": {"name": own_secret, "items": own_items}}] if own_items else []
    return [*projected(existing), *ours]


def _parts(composed: Mapping[str, Text]) -> Sequence[Secret]:
    return list(dict.fromkeys(secret for text in composed.values() for secret in text.secrets))
