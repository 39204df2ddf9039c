"""The Deployment or StatefulSet of a workload, and how long a roll-out may take."""

from typing import Any

import pytest

from components.container import Container, Health, Http, Identity, Image, Port, Resources, Step
from components.settings import Kubernetes
from components.targets.kubernetes import workloads
from components.volumes import Volume
from components.workload import Replicas, Workload

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)
HTTP = Port(name="http", number=80)
DATA = Volume(name="app-data", path="/data", size="1Gi")


def workload(**fields: Any) -> Workload:
    return Workload(name="app", tier="api", image=IMAGE, resources=SMALL, **fields)


def spec(workload: Workload, pull_budget: int = 120) -> dict[str, Any]:
    template = {"the": "template"}
    return workloads.spec(workload, template, Kubernetes(pull_budget=pull_budget))


def ready(budget: int) -> Health:
    return Health(ask=Http(path="/", port=80), start_budget=budget)


def test_a_roll_out_starts_a_new_pod_before_an_old_one_ends() -> None:
    deployment = spec(workload(replicas=Replicas(min=3, max=3)))
    assert deployment["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"},
    }
    assert deployment["replicas"] == 3
    assert deployment["template"] == {"the": "template"}


def test_a_pod_that_owns_a_volume_is_gone_before_the_next_one_starts() -> None:
    """Two pods of a StatefulSet never have the same name. `Parallel` lets a broken one be
    replaced."""
    stateful_set = spec(workload(volumes=(DATA,)))
    assert stateful_set["replicas"] == 1
    assert stateful_set["podManagementPolicy"] == "Parallel"
    assert stateful_set["updateStrategy"] == {"type": "RollingUpdate"}
    assert stateful_set["serviceName"] == "ai-platform-app-pods"
    assert stateful_set["template"] == {"the": "template"}
    assert "volumeClaimTemplates" not in stateful_set


@pytest.mark.parametrize("replicas", [1, 4, 100])
def test_the_cluster_fails_a_roll_out_in_which_no_pod_becomes_ready(replicas: int) -> None:
    """It fails after the time of one pod, however many there are. Each pod that becomes ready
    restarts the time."""
    several = workload(ready=ready(60), replicas=Replicas(min=1, max=replicas))
    assert spec(several)["progressDeadlineSeconds"] == 120 + 60 + 10
    assert spec(several, pull_budget=600)["progressDeadlineSeconds"] == 600 + 60 + 10


@pytest.mark.parametrize("volumes", [(), (DATA,)], ids=["Deployment", "StatefulSet"])
def test_with_an_autoscaler_there_is_no_number_of_replicas(volumes: tuple[Volume, ...]) -> None:
    autoscaled = workload(volumes=volumes, replicas=Replicas(min=2, max=3))
    assert "replicas" not in spec(autoscaled)
    assert spec(workload(volumes=volumes))["replicas"] == 1


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        # The time to pull, to start and to end.
        ({}, 120 + 10),
        ({"ready": ready(60)}, 120 + 60 + 10),
        # A pod that others can replace answers for 5 s more.
        ({"ready": ready(60), "ports": (HTTP,)}, 120 + 60 + 15),
        ({"ready": ready(60), "ports": (HTTP,), "volumes": (DATA,)}, 120 + 60 + 10),
        ({"ready": ready(60), "replicas": Replicas(min=1, max=4)}, 120 + 4 * (60 + 10)),
        # A quarter of the replicas starts at once, so there are at most four steps.
        ({"ready": ready(60), "replicas": Replicas(min=1, max=5)}, 120 + 4 * (60 + 10)),
        ({"ready": ready(60), "replicas": Replicas(min=1, max=100)}, 120 + 4 * (60 + 10)),
        (
            {
                "ready": ready(60),
                "sidecars": (
                    Container(
                        name="sidecar",
                        image=IMAGE,
                        resources=SMALL,
                        ready=ready(90),
                        stop_grace=40,
                    ),
                ),
            },
            120 + 90 + 40,
        ),
        # The steps run one after the other before the container starts.
        (
            {
                "ready": ready(60),
                "init": tuple(
                    Step(name=name, image=IMAGE, resources=SMALL, limit=limit, asked_by="x")
                    for name, limit in (("one", 600), ("two", 30))
                ),
            },
            120 + 600 + 30 + 60 + 10,
        ),
    ],
)
def test_patience_covers_all_steps_of_a_roll_out(fields: Any, seconds: int) -> None:
    assert workloads.patience(workload(**fields), Kubernetes()) == seconds


def test_the_time_to_pull_images_is_a_setting() -> None:
    assert workloads.patience(workload(), Kubernetes(pull_budget=300)) == 310
