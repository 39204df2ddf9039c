"""From a job to what runs it: a Job once per release, or a CronJob on its schedule."""

import hashlib
from typing import Any

import pulumi

from components.addresses import host_name
from components.settings import Kubernetes
from components.targets.kubernetes import naming
from components.workload import Job

DIGITS = 10
# Seconds after which a run that was missed, for example while a control plane was away, is left
# out.
LATEST_START = 3600


def spec(job: Job, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a Job, or of a CronJob for a job with a schedule."""
    return cron_job(job, template) if job.schedule else once(job, template)


def once(job: Job, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a Job. Each try is a pod of its own, whose log stays to be read.

    There is no time to live: Pulumi removes the Job with the next release. If it removed itself, a
    refresh would notice that it is gone, and the next `up` would run it again.
    """
    pod = template["spec"] | {"activeDeadlineSeconds": job.limit}
    return {
        "backoffLimit": job.retries,
        "activeDeadlineSeconds": job.deadline,
        "template": template | {"spec": pod},
    }


def cron_job(job: Job, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a CronJob: never two runs at once, and the last runs are left to be read."""
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
    """The name of the object. That of a Job changes with anything that the job does, so that a
    release with a change runs it again."""

    def named(content: str) -> str:
        digits = hashlib.sha256(content.encode()).hexdigest()[:DIGITS]
        return f"{host_name(job.name)}-{digits}"

    if job.schedule:
        return host_name(job.name)
    return pulumi.Output.json_dumps(template, sort_keys=True).apply(named)


def patience(job: Job, settings: Kubernetes) -> str:
    """The time after which a job has failed."""
    return f"{settings.pull_budget + job.deadline}s"
