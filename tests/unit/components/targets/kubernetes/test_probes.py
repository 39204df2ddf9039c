"""The probes of a container from its health checks."""

from typing import Any

import pytest

from components.container import Command, Container, Health, Http, Identity, Image, Resources
from components.targets.kubernetes.probes import probes, start_budget

READY = Health(ask=Http(path="/ready", port=80), start_budget=61)
ALIVE = Health(
    ask=Command(argv=("sh", "-c", "exit 0")), period=10, timeout=4, failures=6, start_budget=30
)


def container(**fields: Any) -> Container:
    return Container(
        name="app",
        image=Image(reference="acme/app:1", identity=Identity(uid=1, gid=1)),
        resources=Resources(memory=64, cpu=0.1),
        **fields,
    )


def test_the_startup_probe_uses_the_liveness_check() -> None:
    question = {"exec": {"command": ["sh", "-c", "exit 0"]}}
    assert probes(container(ready=READY, alive=ALIVE)) == {
        "readinessProbe": {
            "httpGet": {"path": "/ready", "port": 80},
            "periodSeconds": 5,
            "timeoutSeconds": 3,
            "failureThreshold": 3,
        },
        "livenessProbe": {
            **question,
            "periodSeconds": 10,
            "timeoutSeconds": 4,
            "failureThreshold": 6,
        },
        "startupProbe": {
            **question,
            "periodSeconds": 2,
            "timeoutSeconds": 4,
            # 61 s, the longer of both budgets, in steps of 2 s.
            "failureThreshold": 31,
        },
    }


def test_a_container_with_one_check_uses_it_as_startup_probe() -> None:
    fields = probes(container(ready=READY))
    assert set(fields) == {"readinessProbe", "startupProbe"}
    assert fields["startupProbe"]["httpGet"] == {"path": "/ready", "port": 80}


def test_a_container_without_checks_has_no_probes() -> None:
    assert probes(container()) == {}


def test_a_slow_start_within_its_budget_causes_no_restart() -> None:
    startup = probes(container(ready=READY, alive=ALIVE))["startupProbe"]
    budget = start_budget(container(ready=READY, alive=ALIVE))
    assert startup["periodSeconds"] * startup["failureThreshold"] >= budget


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [({}, 0), ({"alive": ALIVE}, 30), ({"alive": ALIVE, "ready": READY}, 61)],
)
def test_the_start_budget_is_the_longest_of_both_checks(fields: Any, seconds: int) -> None:
    assert start_budget(container(**fields)) == seconds
