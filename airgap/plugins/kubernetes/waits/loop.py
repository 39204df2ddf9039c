"""The wait itself: look, say what is going on, and end in time or when the run is cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from airgap.plugins.kubernetes.api import ApiError, Unreachable
from airgap.plugins.kubernetes.cluster import NoSuchKind
from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.objects import annotation, name_of, part
from airgap.plugins.kubernetes.waits.check import Check, Look
from airgap.plugins.resource import Log

POLL_SECONDS: Final = 0.25
REPORT_SECONDS: Final = 10
DEFAULT_SECONDS: Final = 600


class NotReady(Exception):
    """The object exists but is not ready; `details` say why."""

    def __init__(self, live: Object, reason: str, details: list[str]) -> None:
        super().__init__(reason)
        self.live = live
        self.details = tuple(dict.fromkeys(details))


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How long to wait, what to tell meanwhile, and what ends it early."""

    seconds: float
    log: Log
    cancelled: threading.Event
    clock: Callable[[], float] = time.monotonic

    def over(self, deadline: float) -> bool:
        """Wait a moment; True when the time is over or the run is cancelled."""
        left = max(deadline - self.clock(), 0)
        return self.cancelled.wait(min(POLL_SECONDS, left)) or left <= POLL_SECONDS


def seconds(inputs: Object, timeout: float) -> float:
    """The resource's own time-out, its annotation's, or ten minutes."""
    text = annotation(inputs, "timeoutSeconds")
    return timeout or (float(text) if text.isdecimal() else 0) or DEFAULT_SECONDS


def until_ready(
    live: Object, check: Check, get: Callable[[Object], Object | None], wait: Wait
) -> Object:
    """The object once it is ready. Raises NotReady."""
    deadline = wait.clock() + wait.seconds
    report_at = wait.clock() + REPORT_SECONDS
    told = ""
    while True:
        look = seen(check, live)
        if look.ready:
            return live
        if look.failed:
            reason = f"Resource '{name_of(live)}' was created but failed to initialize"
            raise NotReady(live, reason, [look.failed, *why(check, live)])
        if look.doing != told:
            told = look.doing
            wait.log(told)
        if wait.over(deadline):
            raise NotReady(live, _ended(live, wait), why(check, live))
        if wait.clock() >= report_at:
            report_at = wait.clock() + REPORT_SECONDS
            for reason in why(check, live):
                wait.log(reason)
        live = _latest(live, get)


def until_gone(live: Object, get: Callable[[Object], Object | None], wait: Wait) -> None:
    """Come back when the object is no more, or another has its name. Raises NotReady."""
    deadline = wait.clock() + wait.seconds
    uid = part(live, "metadata", "uid")
    told = ""
    while True:
        try:
            found = get(live)
        except (ApiError, Unreachable):
            found = live
        if found is None or part(found, "metadata", "uid") != uid:
            return
        live = found
        doing = "Waiting for the deletion" + _kept_by(live)
        if doing != told:
            told = doing
            wait.log(told)
        if wait.over(deadline):
            raise NotReady(live, _ended(live, wait, "be deleted") + _kept_by(live), [])


def seen(check: Check, live: Object) -> Look:
    """A look that a server which does not answer for a moment does not end."""
    try:
        return check.look(live)
    except (ApiError, NoSuchKind, Unreachable) as error:
        return Look(doing=f"Waiting for the API server: {error}")


def why(check: Check, live: Object) -> list[str]:
    """The reasons, as far as the server tells them."""
    try:
        return check.reasons(live)
    except (ApiError, NoSuchKind, Unreachable) as error:
        return [f"the API server does not say why: {error}"]


def _latest(live: Object, get: Callable[[Object], Object | None]) -> Object:
    """The object as it is now; as it was where the server does not answer for a moment."""
    try:
        found = get(live)
    except (ApiError, Unreachable):
        return live
    if found is None:
        raise NotReady(live, f"'{name_of(live)}' was deleted while it was waited for", [])
    return found


def _ended(live: Object, wait: Wait, what: str = "be Ready") -> str:
    if wait.cancelled.is_set():
        return f'Resource operation was cancelled for "{name_of(live)}"'
    return f"'{name_of(live)}' timed out waiting to {what}"


def _kept_by(live: Object) -> str:
    """What stands between an object and its end: what is left in a namespace, or finalizers."""
    left = [
        str(entry.get("message"))
        for entry in part(live, "status", "conditions") or []
        if str(entry.get("type")).startswith("Namespace") and entry.get("status") == "True"
    ]
    finalizers = part(live, "metadata", "finalizers") or []
    if finalizers:
        left.append(f"finalizers might be preventing it ({', '.join(finalizers)})")
    return f": {'; '.join(left)}" if left else ""
