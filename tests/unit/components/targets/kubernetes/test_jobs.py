"""Jobs: once per release, or on a schedule."""

from collections.abc import Callable
from typing import Any

import pulumi

from components.container import Identity, Image, Resources
from components.settings import Kubernetes
from components.targets.kubernetes import jobs, pods
from components.targets.kubernetes.configuration import NOTHING
from components.targets.kubernetes.scope import Scope
from components.workload import Job
from tests.unit.rendering import run


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
    assert jobs.spec(schema, pod) == {
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
    spec = jobs.spec(nightly, {"spec": {}})
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


def names(*templates: Callable[[], dict[str, Any]]) -> list[str]:
    def program() -> None:
        for number, template in enumerate(templates):
            pulumi.export(str(number), jobs.name(job(), template()))

    return list(run(program).outputs.values())


def test_a_job_runs_again_only_if_something_about_it_changes() -> None:
    first, same, other = names(
        lambda: {"image": "a", "x": 1}, lambda: {"x": 1, "image": "a"}, lambda: {"image": "b"}
    )
    assert first == same
    assert first != other
    assert first.startswith("ai-platform-schema-")


def test_a_scheduled_job_keeps_its_name_whatever_changes() -> None:
    assert jobs.name(job(schedule="30 2 * * *"), {"image": "a"}) == "ai-platform-schema"


def test_a_jobs_name_may_depend_on_outputs() -> None:
    """A Secret's name is an output of its resource."""
    known_name, unknown_name = names(
        lambda: {"secret": "named-1"}, lambda: {"secret": pulumi.Output.from_input("named-1")}
    )
    assert known_name == unknown_name


def test_a_job_has_failed_after_its_last_try() -> None:
    assert jobs.patience(job(limit=60, retries=2), Kubernetes(pull_budget=30)) == "210s"
