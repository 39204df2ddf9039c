"""Ends a job whose image does not exist, for which the provider would wait until its time is over.

The provider waits for jobs, because a job that failed must run again in the next `up`. Nothing ends
that wait but the job: so the job gets a deadline that has passed.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pulumi

from components.targets.kubernetes import failure, hopeless

# Seconds between two looks at the pods of a job.
LOOK = 3
# The label of a job's pods.
JOB_NAME = "batch.kubernetes.io/job-name"

InThread = Callable[..., Awaitable[Any]]


async def watch(
    client: Any, namespace: str, job: str, awaited: Callable[[], bool], in_thread: InThread
) -> None:
    """End the job if two looks in a row say that its image does not exist. Returns when nobody
    awaits the job any more."""
    before = None
    while awaited():
        await asyncio.sleep(LOOK)
        missing = await in_thread(_missing_image, client, namespace, job) if awaited() else None
        if missing and missing == before:
            for report in await in_thread(_reports, client, namespace, job):
                pulumi.log.error(report)
            pulumi.log.error(f"job {job} cannot run: {missing}")
            await in_thread(_end, client, namespace, job)
            return
        before = missing


def _missing_image(client: Any, namespace: str, job: str) -> str | None:
    from kubernetes.client import BatchV1Api, CoreV1Api

    options = {"_request_timeout": failure.LIMIT, "_preload_content": False}
    try:
        answer = BatchV1Api(client).read_namespaced_job(job, namespace, **options)
        pods = CoreV1Api(client).list_namespaced_pod(
            namespace, label_selector=f"{JOB_NAME}={job}", **options
        )
    except failure.no_answer():
        return None  # the job does not exist yet, or the next look has an answer
    return hopeless.missing_image(json.loads(answer.data), json.loads(pods.data)["items"])


def _reports(client: Any, namespace: str, job: str) -> list[str]:
    return list(failure.reports_or_why_not(client, namespace, {JOB_NAME: job}))


def _end(client: Any, namespace: str, job: str) -> None:
    from kubernetes.client import BatchV1Api

    deadline = {"spec": {"activeDeadlineSeconds": 1}}
    try:
        BatchV1Api(client).patch_namespaced_job(
            job, namespace, deadline, _request_timeout=failure.LIMIT
        )
    except failure.no_answer() as error:
        pulumi.log.warn(f"job {job} goes on until its time is over: {error}")
