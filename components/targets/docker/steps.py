"""The steps before a part, as jobs of their own on an engine.

A new volume of an engine belongs to root. Docker gives an empty volume the owner and the mode of
the directory over which a container mounts it first. So a container mounts it over `/tmp`, where
everybody may write, before the step fills it. On Kubernetes the pod's group may write to a volume.
"""

from dataclasses import fields, replace

from components.container import Container, Step
from components.workload import Job, Part, opening_name

WRITABLE_BY_ALL = "/tmp"


def job(step: Step, part: Part) -> Job:
    """The job that is the step."""
    same = {field.name: getattr(step, field.name) for field in fields(Container)}
    return Job(
        **same,
        tier=part.tier,
        asked_by=step.asked_by,
        limit=step.limit,
        retries=step.retries,
    )


def opening(volume: str, step: Step, part: Part) -> Job:
    """The job that opens an empty volume to the step's user. It does nothing else."""
    return replace(
        job(step, part),
        name=opening_name(volume),
        entrypoint=("/bin/sh", "-c", ":"),
        command=(),
        env={},
        secret_env={},
        files=(),
        scratch=(),
        limit=Job.limit,
        retries=0,
    )
