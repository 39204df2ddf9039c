"""Jobs: once per release, or on a schedule."""

from typing import Any
from unittest.mock import patch

import pulumi
import pytest

from components.container import Identity, Image, Resources
from components.settings import Kubernetes
from components.targets.kubernetes import jobs, pods
from components.targets.kubernetes.cluster import ReachableCluster
from components.targets.kubernetes.configuration import NOTHING
from components.targets.kubernetes.rollouts import Rollout
from components.targets.kubernetes.scope import Scope
from components.workload import Job
from tests.unit.describing import KUBERNETES
from tests.unit.rendering import UID, Resource, render, run

JOB = "kubernetes:batch/v1:Job"


def job(*, schedule: str | None = None, limit: int = 300, retries: int = 3) -> Job:
    return Job(
        name="schema",
        tier="data",
        asked_by="data.mode: x",
        image=Image(reference="acme/schema:1", identity=Identity(uid=1, gid=2)),
        resources=Resources(memory=64, cpu=0.2),
        schedule=schedule,
        limit=limit,
        retries=retries,
    )


def template(job: Job) -> dict[str, Any]:
    scope = Scope(
        settings=Kubernetes(),
        namespace="ai-platform",
        opts=pulumi.ResourceOptions(),
        discovered=True,
    )
    inputs = pods.PodInputs(scope=scope, service_account="ai-platform-schema", mounted=[NOTHING])
    return pods.template(job, inputs)


def test_each_try_is_a_separate_pod_whose_log_stays() -> None:
    schema = job(limit=60, retries=2)
    pod = template(schema)
    assert pod["spec"]["restartPolicy"] == "Never"
    assert jobs.once(schema, pod) == {
        "backoffLimit": 2,
        "activeDeadlineSeconds": 180,
        "template": pod | {"spec": pod["spec"] | {"activeDeadlineSeconds": 60}},
    }


def test_a_jobs_pod_is_as_restricted_as_any() -> None:
    pod = template(job())["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["containers"][0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not {"lifecycle", "readinessProbe", "startupProbe"} & set(pod["containers"][0])


def test_runs_of_a_scheduled_job_never_overlap_and_the_last_ones_stay() -> None:
    nightly = job(schedule="30 2 * * *")
    spec = jobs.cron_job(nightly, {"spec": {}})
    labels = spec["jobTemplate"].pop("metadata")["labels"]
    assert labels["app.kubernetes.io/name"] == "schema"
    assert spec == {
        "schedule": "30 2 * * *",
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 3600,
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": jobs.once(nightly, {"spec": {}})},
    }


def name_of(pod: dict[str, Any], secret_name: str | None = None) -> str:
    """The name of a Job with this pod template, and with a Secret whose name is an output."""

    def program() -> None:
        if secret_name:
            secret = {"secretName": pulumi.Output.from_input(secret_name)}
            pod["spec"]["volumes"] = [{"name": "secrets", "secret": secret}]
        pulumi.export("name", jobs.name(job(), pod))

    return str(run(program).outputs["name"])


def changed(path: str, value: Any) -> dict[str, Any]:
    """The template with another value at a path such as `spec.containers.0.image`."""
    whole = template(job())
    *parents, field = (int(key) if key.isdigit() else key for key in path.split("."))
    place: Any = whole
    for key in parents:
        place = place[key]
    place[field] = value
    return whole


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.annotations", {"version": "2"}),
        ("spec.volumes", [{"name": "files", "configMap": {"name": "files-2"}}]),
        ("spec.initContainers", [{"name": "compose", "image": "python:2"}]),
        ("spec.securityContext.runAsUser", 3),
        ("spec.containers.0.image", "acme/schema:2"),
        ("spec.containers.0.command", ["migrate"]),
        ("spec.containers.0.args", ["migrate"]),
        ("spec.containers.0.env", [{"name": "A", "value": "b"}]),
        ("spec.containers.0.volumeMounts", [{"name": "files", "mountPath": "/x"}]),
    ],
)
def test_a_job_has_another_name_if_its_work_changes(path: str, value: Any) -> None:
    assert name_of(changed(path, value)) != name_of(template(job()))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.labels", {}),
        ("spec.nodeSelector", {"disk": "fast"}),
        ("spec.serviceAccountName", "other"),
        ("spec.terminationGracePeriodSeconds", 99),
        ("spec.tolerations", []),
        ("spec.containers.0.resources", {}),
        ("spec.containers.0.securityContext", {}),
    ],
)
def test_a_job_keeps_its_name_if_anything_else_changes(path: str, value: Any) -> None:
    assert name_of(changed(path, value)) == name_of(template(job()))


def test_a_jobs_name_may_depend_on_outputs() -> None:
    volumes = [{"name": "secrets", "secret": {"secretName": "named-1"}}]
    assert name_of(template(job()), "named-1") == name_of(changed("spec.volumes", volumes))


RELEASE = {"release": {"command": ["alembic", "upgrade", "head"]}}
BACKEND = {"api": {"services": {"backend": RELEASE}}}


class Cluster:
    """The roll-outs on a cluster where jobs of these names have failed."""

    def __init__(self, failed: dict[str, str]) -> None:
        self.failed_jobs = failed

    def hooks(self, rollout: Rollout) -> pulumi.ResourceHookBinding:
        return pulumi.ResourceHookBinding()

    def settled(self, rollout: Rollout, job: pulumi.CustomResource) -> pulumi.Output[bool]:
        return job.id.apply(lambda _: True)

    def confirm(self, settled: object) -> None:
        pass


def release(*, failed: bool, preview: bool = False) -> Resource:
    """The release Job of the backend, whose last update left a Job of its name."""
    stack = {**KUBERNETES, **BACKEND}
    first = render(stack).resources[(JOB, "backend-release")]
    name = first.inputs["metadata"]["name"]
    urn = f"urn:pulumi:dev::ai-platform::{JOB}::backend-release"
    state = {urn: {"metadata": {"name": name}}}
    cluster = Cluster({name: "uid-of-the-failed"} if failed else {})
    here = ReachableCluster(uid=UID, server="https://192.0.2.1:6443", client=object())
    with (
        patch("tests.unit.rendering._cluster", lambda _: here),
        patch("components.targets.kubernetes.target.explain", lambda *_: None),
        patch("components.targets.kubernetes.rollouts.find", lambda *_: cluster),
    ):
        rendered = render(stack, state=state, preview=preview)
    release = rendered.resources[(JOB, "backend-release")]
    deployment = rendered.resources[("kubernetes:apps/v1:Deployment", "backend")]
    assert "Job backend-release" in deployment.depends_on
    return release


@pytest.mark.parametrize("preview", [False, True], ids=["up", "preview"])
def test_a_job_that_is_done_ignores_changes_that_are_no_part_of_its_work(preview: bool) -> None:
    assert release(failed=False, preview=preview).ignore_changes == ("metadata", "spec")


def test_a_job_that_failed_is_replaced_by_one_that_repeats_it() -> None:
    failed = release(failed=True)
    assert failed.ignore_changes == ()
    assert failed.inputs["metadata"]["annotations"][jobs.REPEATS] == "uid-of-the-failed"
    assert failed.replace_on_changes == ("metadata.annotations",)
    assert failed.delete_before_replace


def test_a_preview_of_a_new_stack_shows_the_jobs() -> None:
    """The names of its Secrets, and so of the Job, are not known yet."""
    rendered = render({**KUBERNETES, **BACKEND}, preview=True)
    assert rendered.resources[(JOB, "backend-release")].ignore_changes == ()


def test_a_job_has_failed_after_its_last_try() -> None:
    assert jobs.patience(job(limit=60, retries=2), Kubernetes(pull_budget=30)) == 210
