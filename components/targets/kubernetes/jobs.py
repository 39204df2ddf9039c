"""From a job to what runs it: a Job once per release, or a CronJob on its schedule."""

import hashlib
from typing import Any

import pulumi

from components.settings.kubernetes import Kubernetes
from components.targets.kubernetes import naming
from components.workload import Job

DIGITS = 10
# Seconds after which a run that was missed, as by a control plane that was away, is left out.
LATEST_START = 3600


def job(described: Job, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a Job. Each try is a pod of its own, whose log stays to be read.

    There is no time to live: Pulumi removes it with the next release, and what is gone by itself
    would be done again after a refresh.
    """
    return {
        "backoffLimit": described.retries,
        "activeDeadlineSeconds": described.deadline,
        "template": template
        | {"spec": template["spec"] | {"activeDeadlineSeconds": described.limit}},
    }


def cron_job(described: Job, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a CronJob: never two at once, and the last runs left to be read."""
    return {
        "schedule": described.schedule,
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": LATEST_START,
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {
            "metadata": {"labels": naming.labels(described.name, described.tier)},
            "spec": job(described, template),
        },
    }


def name(described: Job, template: dict[str, Any]) -> pulumi.Output[str]:
    """Changes with anything that the job does, so that a release with a change does it anew."""

    def named(content: str) -> str:
        digits = hashlib.sha256(content.encode()).hexdigest()[:DIGITS]
        return f"{naming.host_name(described.name)}-{digits}"

    return pulumi.Output.json_dumps(template, sort_keys=True).apply(named)


def patience(described: Job, settings: Kubernetes) -> str:
    """The time after which a job has failed."""
    return f"{settings.pull_budget + described.deadline}s"
