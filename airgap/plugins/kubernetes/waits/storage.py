"""Claims, volumes, and what else is ready by a word in its status."""

from __future__ import annotations

from typing import Final

from airgap.plugins.kubernetes.api import ApiError, Unreachable
from airgap.plugins.kubernetes.cluster import NoSuchKind
from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.objects import part
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits.check import READY, Check, Look
from airgap.plugins.kubernetes.waits.pods import warnings

ON_USE: Final = "WaitForFirstConsumer"


class Claim(Check):
    """Ready when it is bound, or will be as soon as a pod uses it."""

    def __init__(self, objects: Objects) -> None:
        super().__init__(objects)
        self._mode: str | None = None

    def look(self, live: Object) -> Look:
        phase = part(live, "status", "phase")
        if self._mode is None:
            self._mode = self._binding_mode(live)
        if phase == "Bound" or (phase == "Pending" and self._mode == ON_USE):
            return READY
        return Look(doing=f"Waiting for PersistentVolumeClaim to be bound ({phase})")

    def reasons(self, live: Object) -> list[str]:
        phase = part(live, "status", "phase")
        return [f"PersistentVolumeClaim is {phase}", *warnings(self.objects, live)]

    def _binding_mode(self, live: Object) -> str | None:
        name = part(live, "spec", "storageClassName")
        if not name:
            return None
        wanted = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass"}
        try:
            found = self.objects.find({**wanted, "metadata": {"name": name}})
        except (ApiError, NoSuchKind, Unreachable):
            return None
        mode: str | None = part(found, "volumeBindingMode")
        return mode


class Volume(Check):
    def look(self, live: Object) -> Look:
        phase = part(live, "status", "phase")
        if phase in ("Available", "Bound"):
            return READY
        return Look(doing=f"Waiting for PersistentVolume to be available ({phase})")


class Quota(Check):
    def look(self, live: Object) -> Look:
        if part(live, "spec", "hard") == part(live, "status", "hard"):
            return READY
        return Look(doing="Waiting for ResourceQuota to be counted")


class TokenSecret(Check):
    """A token is written into its Secret by a controller; any other Secret is ready at once."""

    def look(self, live: Object) -> Look:
        if live.get("type") != "kubernetes.io/service-account-token" or live.get("data"):
            return READY
        return Look(doing="Waiting for the token")
