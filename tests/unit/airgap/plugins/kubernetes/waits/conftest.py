"""A clock that only waits move, and objects whose status a test writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.waits import Wait


class Clock:
    """A time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.cancels_at = float("inf")

    def __call__(self) -> float:
        return self.now


class Cancelled(threading.Event):
    """An event on that clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self.clock.now += timeout or 0
        if self.clock.now >= self.clock.cancels_at:
            self.set()
        return self.is_set()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines() -> list[str]:
    """What a wait told meanwhile."""
    return []


@pytest.fixture
def waiting(clock: Clock, lines: list[str]) -> Callable[[float], Wait]:
    return lambda seconds: Wait(
        seconds=seconds, log=lines.append, cancelled=Cancelled(clock), clock=clock
    )


def thing(kind: str, spec: Any = None, status: Any = None, **metadata: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": "x", "namespace": "ns", "uid": "uid", "generation": 1, **metadata},
        "spec": spec or {},
        "status": status or {},
    }


def condition(name: str, status: str = "True", **more: str) -> dict[str, str]:
    return {"type": name, "status": status, **more}
