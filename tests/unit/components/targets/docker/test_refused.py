"""What an engine alone can not do is refused before anything is registered."""

from dataclasses import replace

import pulumi
import pytest

from components import database_cluster
from components.operated import Monitors
from components.targets.docker.refused import refuse
from components.workload import Container, Identity, Image, Job, Resources, Workload
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


def test_workloads_and_jobs_are_not_refused() -> None:
    refuse([WORKLOAD, JOB, WORKLOAD])


@pytest.mark.parametrize(
    ("job", "how"),
    [
        (replace(JOB, schedule="0 3 * * *"), "on the schedule '0 3 * * *'"),
        (
            replace(JOB, sidecars=(Container(name="x", image=IMAGE, resources=SMALL),)),
            "with sidecars",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_job_that_only_a_cluster_can_run_is_named_with_its_setting(job: Job, how: str) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        refuse([WORKLOAD, job])
    assert str(caught.value) == (
        f"api.migrate asks for migrate {how}, which only target: kubernetes can run. "
        "Nothing was changed."
    )


@pytest.mark.parametrize("part", [MONITORS, CLUSTER], ids=lambda part: part.name)
def test_what_only_a_cluster_can_run_is_named_with_the_setting_that_asks_for_it(
    part: Monitors,
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        refuse([WORKLOAD, part])
    assert str(caught.value) == (
        f"{part.asked_by} asks for {part.name}, which only target: kubernetes can run. "
        "Nothing was changed."
    )
