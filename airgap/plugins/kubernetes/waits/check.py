"""What a wait asks of an object."""

from __future__ import annotations

from dataclasses import dataclass

from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.objects import namespace_of, part
from airgap.plugins.kubernetes.operations import Objects


@dataclass(frozen=True, kw_only=True)
class Look:
    """How far an object is: `doing` is for the user, `failed` ends the wait at once."""

    ready: bool = False
    doing: str = ""
    failed: str = ""


READY = Look(ready=True)


class Check:
    """One kind's meaning of ready. A check may remember what it saw: each wait has its own."""

    patience: float = 0
    """Seconds in which what belongs to the object may still change; a refresh has none."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    def look(self, live: Object) -> Look:
        """At the object as it is now."""
        return READY

    def reasons(self, live: Object) -> list[str]:
        """Why it is not ready, for the user."""
        return []


def condition(live: Object, name: str) -> Object:
    """A condition of the status by its type, or an empty one."""
    found = part(live, "status", "conditions") or []
    return next((entry for entry in found if entry.get("type") == name), {})


def holds(live: Object, name: str) -> bool:
    return condition(live, name).get("status") == "True"


def observed(live: Object) -> bool:
    """Whether the controller has seen the object's present generation."""
    seen = part(live, "status", "observedGeneration") or 0
    return bool(seen >= (part(live, "metadata", "generation") or 0))


def count(live: Object, *path: str) -> int:
    return part(live, *path) or 0


def full_name(live: Object) -> str:
    """`namespace/name`; the namespace `default` goes without saying."""
    namespace, name = namespace_of(live), part(live, "metadata", "name")
    return name if namespace in ("", "default") else f"{namespace}/{name}"
