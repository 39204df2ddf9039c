"""Memory and CPU time of a container, as its engine counts them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

SOCKET = "/var/run/docker.sock"
MEBIBYTE = 2**20
SECONDS = 0.5
"""Between two samples of memory."""


@dataclass(kw_only=True)
class Peak:
    """The most memory of a container in MiB, without the cache of files, which gives way."""

    mebibytes: float = 0.0
    samples: list[float] = field(default_factory=list)


def cpu_seconds(container: str) -> float:
    """The CPU time of the container since its start."""
    return float(_figures(container)["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9


@contextmanager
def peak(container: str) -> Iterator[Peak]:
    """Look at the container's memory during the block."""
    found, stop = Peak(), threading.Event()

    def look() -> None:
        while not stop.wait(SECONDS):
            used = _memory(_figures(container))
            found.samples.append(used)
            found.mebibytes = max(found.mebibytes, used)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def _memory(figures: dict[str, Any]) -> float:
    memory = figures["memory_stats"]
    if "usage" not in memory:  # the container does not run
        return 0.0
    stats = memory["stats"]
    # The first version of control groups counts those of groups below it under other names.
    cache = sum(
        stats.get(f"total_{name}", stats.get(name, 0)) for name in ("active_file", "inactive_file")
    )
    return float(memory["usage"] - cache) / MEBIBYTE


def _figures(container: str) -> dict[str, Any]:
    transport = httpx2.HTTPTransport(uds=SOCKET)
    with httpx2.Client(transport=transport, base_url="http://engine", timeout=30) as engine:
        answer = engine.get(
            f"/containers/{container}/stats", params={"stream": "false", "one-shot": "true"}
        )
        answer.raise_for_status()
        figures: dict[str, Any] = answer.json()
        return figures
