"""Translates a job into a Job that runs once per release, or a CronJob that runs on a schedule."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import pulumi

from components.addresses import host_name
from components.settings import Kubernetes
from components.targets.kubernetes import naming
from components.workload import Job

DIGITS = 10
# The fields of a container that say what it does. Limits, probes and security do not.
WORK = ("name", "image", "command", "args", "env", "volumeMounts")
# What stays as it is for a job that is done.
INCIDENTAL = ["metadata", "spec"]
# A run that was missed, for example while the control plane was down, is skipped after this many
# seconds.
LATEST_START = 3600
REPEATS = "ai-platform/repeats"


def once(job: Job, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a Job. Each try is a separate pod, whose log stays available.

    The Job has no time to live, because Pulumi removes it with the next release. If it removed
    itself, a refresh would notice that it is gone, and the next `up` would run it again.
    """
    pod = template["spec"] | {"activeDeadlineSeconds": _try(job)}
    return {
        "backoffLimit": job.retries,
        "activeDeadlineSeconds": _deadline(job),
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


def name(job: Job, template: dict[str, Any]) -> pulumi.Output[str]:
    """The name of a Job. It changes with its work, so a release with a change runs it again."""

    def named(content: str) -> str:
        digits = hashlib.sha256(content.encode()).hexdigest()[:DIGITS]
        return f"{host_name(job.name)}-{digits}"

    return pulumi.Output.json_dumps(work(template), sort_keys=True).apply(named)


def work(template: dict[str, Any]) -> dict[str, Any]:
    """What a pod does: its images, commands, values and volumes, and the user it runs as.

    The names of ConfigMaps and Secrets, and the annotations, change with the values.
    """
    pod = template["spec"]
    user = pod["securityContext"]
    return {
        "annotations": template["metadata"].get("annotations"),
        "volumes": pod["volumes"],
        "user": [user["runAsUser"], user["runAsGroup"]],
        "containers": [
            {field: container.get(field) for field in WORK}
            for container in (*pod.get("initContainers", ()), *pod["containers"])
        ],
    }


def repeating(name: str, failed: Mapping[str, str]) -> dict[str, str]:
    """The annotation of a Job that repeats a failed one of the same name, which has this uid.

    The state does not know that a Job has failed. The annotation differs from that of the failed
    Job, and so replaces it.
    """
    return {REPEATS: failed[name]} if name in failed else {}


def options(
    name: str, earlier: Collection[str], failed: Mapping[str, str]
) -> pulumi.ResourceOptions:
    """A Job runs again if its work has changed or its last run has failed.

    `earlier` are the names of the Jobs in the state. Such a Job stays as it is when its limits or
    labels change: a cluster could change them only by running it again.
    """
    return pulumi.ResourceOptions(
        replace_on_changes=["metadata.annotations"],
        ignore_changes=INCIDENTAL if name in earlier and name not in failed else None,
        delete_before_replace=True,
    )


def patience(job: Job, settings: Kubernetes) -> int:
    """The seconds after which a job that is not done has failed."""
    return settings.pull_budget + _deadline(job)


def _deadline(job: Job) -> int:
    """The longest time of all tries together, in seconds."""
    return _try(job) * (job.retries + 1)


def _try(job: Job) -> int:
    """The longest time of one try, with the steps before it."""
    return sum(step.limit for step in job.init) + job.limit
