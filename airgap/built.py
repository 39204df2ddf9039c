"""Images that the engine has, and what each was built from."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from airgap.command import AirgapError, run, succeeds
from components.source_digest import digest as digest

SOURCE_LABEL = "ai-platform.source"
"""Label that holds the digest of what an image was built from."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image of the engine; `size` in bytes."""

    id: str
    source: str
    created: datetime
    size: int


def find(reference: str) -> Built | None:
    """The image, or nothing where the engine does not have it."""
    if not succeeds("docker", "image", "inspect", reference):
        return None
    (image,) = json.loads(run("docker", "image", "inspect", reference))
    labels = image["Config"].get("Labels") or {}
    return Built(
        id=image["Id"],
        source=labels.get(SOURCE_LABEL, ""),
        created=datetime.fromisoformat(image["Created"][:19]).replace(tzinfo=UTC),
        size=image["Size"],
    )


def expect(reference: str) -> Built:
    """The image that was built a moment ago."""
    built = find(reference)
    if built is None:
        raise AirgapError(f"{reference} was built, but the engine does not have it")
    return built


def forget(replaced: Built | None) -> None:
    """Free the room of an image that lost its name, unless something still uses it."""
    if replaced is not None:
        succeeds("docker", "image", "rm", replaced.id)
