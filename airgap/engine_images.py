"""Images that the Docker engine holds, each with the digest of its source."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from airgap.command import AirgapError, TooSlow, run, succeeds
from components.source_digest import digest as digest

SOURCE_LABEL = "ai-platform.source"
"""The label that holds the digest of the source that an image was built from."""

LOCAL_PUSH_SECONDS = 120
LOCAL_PUSHES = 3


@dataclass(frozen=True, kw_only=True)
class EngineImage:
    """An image of the engine; `size` in bytes."""

    id: str
    source: str
    created: datetime
    size: int


def find(reference: str) -> EngineImage | None:
    """The image, or None where the engine does not have it."""
    if not succeeds("docker", "image", "inspect", reference):
        return None
    (image,) = json.loads(run("docker", "image", "inspect", reference))
    labels = image["Config"].get("Labels") or {}
    return EngineImage(
        id=image["Id"],
        source=labels.get(SOURCE_LABEL, ""),
        created=datetime.fromisoformat(image["Created"][:19]).replace(tzinfo=UTC),
        size=image["Size"],
    )


def expect(reference: str) -> EngineImage:
    """The image that was just built. Raises AirgapError where the engine does not have it."""
    image = find(reference)
    if image is None:
        raise AirgapError(f"{reference} was built, but the engine does not have it")
    return image


def push(reference: str) -> None:
    """Push an image to the registry that its reference names.

    A push to a registry on this machine takes seconds. Engine 20.10 was seen to wait 25 minutes for
    an answer in the middle of one, so it is ended and tried again. Another registry may be slow.
    """
    seconds = LOCAL_PUSH_SECONDS if reference.startswith("localhost:") else None
    for attempt in range(1, LOCAL_PUSHES + 1):
        try:
            run("docker", "push", "--quiet", reference, seconds=seconds)
        except TooSlow:
            if attempt == LOCAL_PUSHES:
                raise
        else:
            return


def remove_replaced(image: EngineImage | None) -> None:
    """Remove an image whose tag moved to a newer image, unless a container still uses it."""
    if image is not None:
        succeeds("docker", "image", "rm", image.id)
