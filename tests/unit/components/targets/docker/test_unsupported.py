"""The Docker target rejects unsupported parts before it registers anything."""

from dataclasses import replace

import pulumi
import pytest

from components.container import Container, Identity, Image, Resources
from components.data import cloudnative_pg
from components.operated import Monitors, PostgresCluster
from components.secrets import Secrets
from components.targets.docker.target import DockerTarget
from components.targets.docker.unsupported import refuse_unsupported
from components.tier import Tier
from components.workload import Job, Workload
from tests.unit.describing import MONITORS, catalogue, settings
from tests.unit.rendering import Rendered, run

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)
WORKLOAD = Workload(name="app", tier="api", image=IMAGE, resources=SMALL)
JOB = Job(name="migrate", tier="api", asked_by="api.migrate", image=IMAGE, resources=SMALL)
WITH_SIDECAR = replace(JOB, sidecars=(Container(name="x", image=IMAGE, resources=SMALL),))
CLUSTER = cloudnative_pg.cluster(settings(), catalogue())


class ApiTier(Tier):
    name = "api"


def test_workloads_and_jobs_are_accepted() -> None:
    refuse_unsupported([WORKLOAD, JOB, replace(JOB, schedule="0 3 * * *"), WORKLOAD])


def test_the_error_for_a_job_with_sidecars_names_its_setting() -> None:
    with pytest.raises(pulumi.RunError) as refusal:
        refuse_unsupported([WORKLOAD, WITH_SIDECAR])
    assert str(refusal.value) == (
        "api.migrate asks for migrate with sidecars, which only target: kubernetes can run. "
        "Nothing was changed."
    )


@pytest.mark.parametrize("part", [MONITORS, CLUSTER], ids=lambda part: part.name)
def test_the_error_for_an_operated_part_names_its_setting(
    part: Monitors | PostgresCluster,
) -> None:
    with pytest.raises(pulumi.RunError) as refusal:
        refuse_unsupported([WORKLOAD, part])
    assert str(refusal.value) == (
        f"{part.asked_by} asks for {part.name}, which only target: kubernetes can run. "
        "Nothing was changed."
    )


def test_the_target_rejects_it_before_it_registers_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registered = Rendered()
    monkeypatch.setattr("tests.unit.rendering.Rendered", lambda: registered)
    target = DockerTarget(settings(), catalogue(), Secrets(settings()))
    with pytest.raises(pulumi.RunError, match="which only target: kubernetes can run"):
        run(lambda: target.run([ApiTier([WORKLOAD, WITH_SIDECAR])]))
    assert registered.resources == {}
