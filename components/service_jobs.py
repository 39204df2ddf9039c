"""The jobs of an API service: a step for each release, and jobs on a schedule.

They run in the service's image with the service's values, so they follow from its workload.
"""

from collections.abc import Iterator
from dataclasses import replace

from components.container import Port
from components.settings import RELEASE, Service, job_name
from components.workload import SCHEDULER, Job, Workload

# One more try, because the first connections of a new pod may fail before the cluster's policies
# let it through. More would only repeat a migration that is wrong.
RELEASE_RETRIES = 1


def parts(workload: Workload, service: Service, *, scheduler: bool) -> tuple[Workload | Job, ...]:
    """A service's workload, which starts after its release step, and its jobs.

    `scheduler`: a scheduler with metrics runs the jobs on a schedule.
    """
    jobs = list(_scheduled(workload, service, (SCHEDULER,) if scheduler else ()))
    if service.release is None:
        return (workload, *jobs)
    release = _job(
        workload,
        RELEASE,
        setting=RELEASE,
        command=service.release.command,
        limit=service.release.timeout,
        retries=RELEASE_RETRIES,
    )
    starts_after = (*workload.starts_after, release.name)
    return (release, replace(workload, starts_after=starts_after), *jobs)


def _scheduled(workload: Workload, service: Service, ports: tuple[Port, ...]) -> Iterator[Job]:
    for name, settings in service.jobs.items():
        yield _job(
            workload,
            name,
            setting=f"jobs.{name}",
            command=settings.command,
            limit=settings.timeout,
            # The schedule brings the next try.
            retries=0,
            schedule=settings.schedule,
            ports=ports,
        )


def _job(
    workload: Workload,
    name: str,
    *,
    setting: str,
    command: list[str],
    limit: int,
    retries: int,
    schedule: str | None = None,
    ports: tuple[Port, ...] = (),
) -> Job:
    """A job with the values of a service.

    It does not mount the service's volume: the volume has one writer, and on a cluster a pod on
    another node could not start. The volume's path is an empty directory instead.
    """
    path = f"{workload.named_by}.{setting}"
    return Job(
        name=job_name(workload.name, name),
        tier=workload.tier,
        named_by=path,
        asked_by=path,
        image=workload.image,
        entrypoint=tuple(command),
        placement=workload.placement.without_gpus(),
        env=workload.env,
        secret_env=workload.secret_env,
        files=workload.files,
        ports=ports,
        scratch=(
            *workload.scratch,
            *(volume.path for volume in workload.volumes if not volume.filled_by),
        ),
        reaches=workload.reaches,
        starts_after=workload.starts_after,
        resources=workload.resources,
        stop_grace=workload.stop_grace,
        limit=limit,
        retries=retries,
        schedule=schedule,
    )
