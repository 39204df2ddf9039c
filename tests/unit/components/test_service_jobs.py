"""The jobs of an API service, which have the service's values."""

from dataclasses import replace
from typing import Any

from components import service_jobs
from components.addresses import Address
from components.container import File, Identity, Image, Resources
from components.settings import Service
from components.text import Secret
from components.volumes import Volume
from components.workload import SCHEDULER, Job, Replicas, Workload

KEY = Secret(name="key")
SERVICE = Workload(
    name="reports",
    tier="api",
    named_by="api.services.reports",
    image=Image(reference="acme/reports:1.4.2", identity=Identity(uid=7, gid=8)),
    resources=Resources(memory=128, cpu=0.5),
    command=("serve",),
    env={"A": "b"},
    secret_env={"KEY": KEY.text},
    files=(File(path="/etc/key", content=KEY.text),),
    volumes=(Volume(name="reports-data", path="/app/data", size="1Gi"),),
    scratch=("/tmp",),
    reaches=(Address(workload="postgres", port=5432),),
    starts_after=("postgres",),
    replicas=Replicas(min=2, max=2),
    stop_grace=20,
)
JOB = Job(
    name="reports-release",
    tier="api",
    named_by="api.services.reports.release",
    asked_by="api.services.reports.release",
    image=SERVICE.image,
    resources=SERVICE.resources,
    entrypoint=("alembic", "upgrade", "head"),
    env=SERVICE.env,
    secret_env=SERVICE.secret_env,
    files=SERVICE.files,
    scratch=("/tmp", "/app/data"),
    reaches=SERVICE.reaches,
    starts_after=("postgres",),
    stop_grace=20,
    limit=900,
    retries=1,
)


def parts(*, scheduler: bool = False, **settings: Any) -> tuple[Workload | Job, ...]:
    service = Service.model_validate({"image": "acme/reports:1.4.2"} | settings)
    return service_jobs.parts(SERVICE, service, scheduler=scheduler)


def test_a_service_without_jobs_stays_alone() -> None:
    assert parts() == (SERVICE,)


def test_a_release_step_has_the_services_values_and_comes_first() -> None:
    release = {"command": ["alembic", "upgrade", "head"], "timeout": 900}
    after = replace(SERVICE, starts_after=("postgres", "reports-release"))
    assert parts(release=release) == (JOB, after)


def test_a_scheduled_job_has_the_services_values_and_the_service_does_not_wait_for_it() -> None:
    cleanup = {"schedule": "0 3 * * *", "command": ["cleanup"]}
    job = replace(
        JOB,
        name="reports-cleanup",
        named_by="api.services.reports.jobs.cleanup",
        asked_by="api.services.reports.jobs.cleanup",
        entrypoint=("cleanup",),
        limit=300,
        retries=0,
        schedule="0 3 * * *",
    )
    assert parts(jobs={"cleanup": cleanup}) == (SERVICE, job)
    with_metrics = replace(job, ports=(SCHEDULER,))
    assert parts(jobs={"cleanup": cleanup}, scheduler=True) == (SERVICE, with_metrics)
