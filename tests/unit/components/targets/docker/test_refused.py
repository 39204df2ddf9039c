"""What an engine alone can not do is refused before anything is registered."""

import pulumi
import pytest

from components import database_cluster
from components.operated import Monitors
from components.targets.docker.refused import refuse
from components.workload import Identity, Image, Job, Resources, Workload
from tests.unit.describing import catalogue, settings

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)
WORKLOAD = Workload(name="app", tier="api", image=IMAGE, resources=SMALL)
JOB = Job(name="migrate", tier="api", asked_by="api.migrate", image=IMAGE, resources=SMALL)
MONITORS = Monitors(
    name="observability",
    tier="observability",
    asked_by="observability.mode: operator",
    jobs=(),
    rules={},
    labels={},
)
CLUSTER = database_cluster.cluster(settings(), catalogue())


def test_workloads_are_not_refused() -> None:
    refuse([WORKLOAD, WORKLOAD])


@pytest.mark.parametrize("part", [JOB, MONITORS, CLUSTER], ids=lambda part: part.name)
def test_what_only_a_cluster_can_run_is_named_with_the_setting_that_asks_for_it(
    part: Job | Monitors,
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        refuse([WORKLOAD, part])
    assert str(caught.value) == (
        f"{part.asked_by} asks for {part.name}, which only target: kubernetes can run. "
        "Nothing was changed."
    )
