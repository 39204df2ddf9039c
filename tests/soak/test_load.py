"""Hours of load: nothing fails, nothing restarts, and no service takes ever more memory."""

import os
import time

import pytest

from operations import docker_stack
from tests.e2e.load import Load
from tests.e2e.stack import Stack

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
WARM_UP = 0.2
"""The share of the time after which caches and pools have their size."""

GROWTH = 1.25
"""How much more memory than after the warm-up a container may have at the end."""

NOISE = 16
"""MiB: a Python process' memory moves by so much without a leak."""


@pytest.mark.timeout(int(MINUTES * 60) + 900)
def test_under_load_nothing_fails_restarts_or_grows(stack: Stack) -> None:
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
    grown = {
        name: used
        for name, used in after.items()
        if used > before[name] * GROWTH and used > before[name] + NOISE
    }
    assert grown == {}
    for each in docker_stack.containers(stack.name):
        assert docker_stack.docker("inspect", "-f", "{{.RestartCount}}", each.name).strip() == "0"
