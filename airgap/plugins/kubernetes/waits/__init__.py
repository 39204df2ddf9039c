"""Waiting until an object is what its kind means by ready, and why it is not."""

from airgap.plugins.kubernetes.waits.kinds import awaits_deletion, read_check, ready_check
from airgap.plugins.kubernetes.waits.loop import (
    NotReady,
    Wait,
    seconds,
    seen,
    until_gone,
    until_ready,
    why,
)

__all__ = [
    "NotReady",
    "Wait",
    "awaits_deletion",
    "read_check",
    "ready_check",
    "seconds",
    "seen",
    "until_gone",
    "until_ready",
    "why",
]
