"""The step in which a job's pod waits until its policies are in force."""

from dataclasses import replace

from components.addresses import Address, Outside
from components.container import Identity, Image, Resources, Step
from components.targets.kubernetes.jobs import once, patience
from components.targets.kubernetes.open_ways import WAIT, awaiting_servers
from components.workload import Job
from tests.unit.describing import KUBERNETES, settings

IMAGE = Image(reference="busybox:1", identity=Identity(uid=65534, gid=65534))
FIRST = Step(name="first", image=IMAGE, resources=Resources(memory=8, cpu=1), asked_by="x")
JOB = Job(
    name="migrate",
    tier="api",
    image=IMAGE,
    resources=Resources(memory=64, cpu=1),
    asked_by="api.services.reports.release",
    init=(FIRST,),
    limit=100,
    retries=1,
)
SERVER = Address(workload="postgres", port=5432)


def test_a_job_first_connects_to_every_part_that_it_reaches() -> None:
    redis = Address(workload="redis", port=6379)
    reaches = (SERVER, redis, SERVER, Outside(name="models", ports=(443,)))
    first, second = awaiting_servers(replace(JOB, reaches=reaches), IMAGE).init
    assert first.name == "migrate-servers"
    assert first.entrypoint == ("/bin/busybox", "sh", "-c", WAIT, "sh")
    assert first.command == ("ai-platform-postgres:5432", "ai-platform-redis:6379")
    assert second == FIRST


def test_a_job_that_reaches_no_part_does_not_wait() -> None:
    outside = replace(JOB, reaches=(Outside(name="models", ports=(443,)),))
    assert awaiting_servers(outside, IMAGE) == outside


def test_the_time_of_a_try_includes_its_steps() -> None:
    job = awaiting_servers(replace(JOB, reaches=(SERVER,)), IMAGE)
    spec = once(job, {"spec": {}})
    assert spec["template"]["spec"]["activeDeadlineSeconds"] == 60 + 300 + 100
    assert spec["activeDeadlineSeconds"] == 2 * 460
    assert patience(job, settings(KUBERNETES).kubernetes) == 120 + 2 * 460
