"""Translates a job into a Job that runs once per release, or a CronJob that runs on a schedule."""

import hashlib
from typing import Any

import pulumi

from components.addresses import host_name
from components.settings import Kubernetes
from components.targets.kubernetes import naming
from components.workload import Job

DIGITS = 10
# A run that was missed, for example while the control plane was down, is skipped after this many
# seconds.
LATEST_START = 3600


def spec(job: Job, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a Job, or of a CronJob for a job with a schedule."""
    return cron_job(job, template) if job.schedule else once(job, template)


def once(job: Job, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a Job. Each try is a separate pod, whose log stays available.

    The Job has no time to live, because Pulumi removes it with the next release. If it removed
    itself, a refresh would notice that it is gone, and the next `up` would run it again.
    """
    pod = template["spec"] | {"activeDeadlineSeconds": job.limit}
    return {
        "backoffLimit": job.retries,
        "activeDeadlineSeconds": job.deadline,
        "template": template | {"spec": pod},
    }


def cron_job(job: Job, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a CronJob. Runs never overlap, and the last ones stay available."""
    return {
        "schedule": job.schedule,
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": LATEST_START,
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {
            "metadata": {"labels": naming.labels(job.name, job.tier)},
            "spec": once(job, template),
        },
    }


def name(job: Job, template: dict[str, Any]) -> pulumi.Input[str]:
    """The name of the object. A Job's name changes with its pod template, so a release with a
    change runs it again."""

    def named(content: str) -> str:
        digits = hashlib.sha256(content.encode()).hexdigest()[:DIGITS]
        return f"{host_name(job.name)}-{digits}"

    if job.schedule:
        return host_name(job.name)
    return pulumi.Output.json_dumps(template, sort_keys=True).apply(named)


def patience(job: Job, settings: Kubernetes) -> str:
    """The time after which a job that is not done has failed."""
    return f"{settings.pull_budget + job.deadline}s"
