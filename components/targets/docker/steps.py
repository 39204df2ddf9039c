"""The steps before a part, as jobs of their own on an engine."""

from dataclasses import fields

from components.container import Container, Step
from components.workload import Job, Part


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
