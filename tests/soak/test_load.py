"""Hours of load without failures, restarts or growing memory."""

import os
import time

import pytest

from operations import docker_stack
from tests.e2e.load import Load
from tests.e2e.stack import Stack

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
WARM_UP = 0.2
"""The share of the time after which caches and pools have their final size."""

GROWTH = 1.25
"""The factor by which a container's memory may grow after the warm-up."""

NOISE = 16
"""MiB by which the memory of a Python process varies without a leak."""


@pytest.mark.timeout(int(MINUTES * 60) + 900)
def test_no_request_fails_no_container_restarts_and_no_memory_grows_under_load(
    stack: Stack,
) -> None:
    url = stack.endpoints()["web"]
    load = Load(url=f"{url}/api/status", total=2**31)
    with load.running():
        time.sleep(MINUTES * 60 * WARM_UP)
        before = stack.memory()
        time.sleep(MINUTES * 60 * (1 - WARM_UP))
        after = stack.memory()
        load.stop()
    print(f"{load.sent} requests in {MINUTES:.0f} min")
    for name, used in after.items():
        print(f"  {name}: {before[name]:.0f} MiB, then {used:.0f} MiB")
    assert load.failed == {}
    assert after.keys() == before.keys()
    growing = {
        name: used
        for name, used in after.items()
        if used > before[name] * GROWTH and used > before[name] + NOISE
    }
    assert growing == {}
    for container in docker_stack.containers(stack.name):
        assert (
            docker_stack.docker("inspect", "-f", "{{.RestartCount}}", container.name).strip() == "0"
        )
