"""Stop and start parts of a stack on a cluster, and run its jobs again.

What is stopped has an annotation with what it had before: its number of replicas, or that it was
not suspended. The cluster keeps that, so that a later run of the verb can put it back. An
autoscaler leaves a workload with zero replicas alone.
"""

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import click

from components.addresses import host_name
from components.settings import Kubernetes
from components.targets.kubernetes import failure
from operations import kubernetes_stack
from operations.kubernetes_objects import (
    CLAIM,
    KubernetesObjects,
    Object,
    annotations,
    name_of,
    names_of,
    of_workloads,
)
from operations.kubernetes_stack import JOB_NAME, WORKLOAD
from operations.workspace import Workspace

REPLICAS = "ai-platform/replicas-before-stop"
RUNNING = "ai-platform/running-before-stop"
PERIOD = 0.5
# Seconds that a pod has to end besides its own grace period.
SLACK = 60
# The labels that a cluster gives to the pods of a job, which differ for each job.
OF_ONE_JOB = (
    *(JOB_NAME, "batch.kubernetes.io/controller-uid"),
    *("job-name", "controller-uid"),
)
ENDED = ("Succeeded", "Failed")
# After so many restarts of a step, waiting does not help.
FAILED_TRIES = 2


@dataclass(frozen=True, kw_only=True)
class KubernetesWorkloads:
    """The workloads and jobs among the objects of a stack."""

    objects: KubernetesObjects

    def running(self, names: Collection[str]) -> list[str]:
        """Those of the workloads that run, or are to run."""
        scaled = [o for o in self._scaled() if o["spec"].get("replicas", 1)]
        scheduled = [o for o in self.objects.all("cron_job") if not o["spec"].get("suspend")]
        return names_of(of_workloads([*scaled, *scheduled], names))

    def stopped(self) -> list[str]:
        """The workloads that a verb has stopped and not started again."""
        marked = [*self._scaled(), *self.objects.all("cron_job"), *self._runs()]
        return names_of(o for o in marked if {REPLICAS, RUNNING} & {*annotations(o)})

    def stop(self, names: Collection[str]) -> None:
        """Stop the workloads, and wait until their pods are gone. Remember what they had."""
        for workload in of_workloads(self._scaled(), names):
            if replicas := workload["spec"].get("replicas", 1):
                former = annotations(workload).get(REPLICAS, str(replicas))
                self.objects.patch(workload, {REPLICAS: former}, {"replicas": 0})
        # A suspended job ends its pods, and starts them again when it goes on.
        for job in of_workloads([*self.objects.all("cron_job"), *self._runs()], names):
            if not job["spec"].get("suspend"):
                self.objects.patch(job, {RUNNING: "true"}, {"suspend": True})
        self._wait_until_gone(names)

    def start(self, names: Sequence[str]) -> None:
        """Start again what `stop` has stopped, in the order of these workloads."""
        order = {name: number for number, name in enumerate(names)}
        stopped = [o for o in of_workloads(self._scaled(), names) if REPLICAS in annotations(o)]
        for workload in sorted(stopped, key=lambda o: order[name_of(o)]):
            replicas = int(annotations(workload)[REPLICAS])
            self.objects.patch(workload, {REPLICAS: None}, {"replicas": replicas})
        for job in of_workloads([*self._runs(), *self.objects.all("cron_job")], names):
            if RUNNING in annotations(job):
                self.objects.patch(job, {RUNNING: None}, {"suspend": False})

    def wait_running(self, names: Collection[str], seconds: float) -> None:
        """Wait until the containers of the workloads run, after the steps before them."""

        def waiting() -> list[str]:
            running = {name_of(pod) for pod in self._pods(names) if _phase(pod) == "Running"}
            return sorted({*names} - running)

        self._wait(waiting, seconds)

    def wait(self, names: Collection[str], seconds: float) -> None:
        """Wait until all pods of the workloads are ready."""
        self._wait(
            lambda: sorted({name_of(o) for o in self._named(names) if not _done(o)}), seconds
        )

    def run_step(self, name: str, seconds: float) -> None:
        """Nothing: each pod runs its steps before its containers start."""

    def has(self, workload: str, volume: str, step: str) -> bool:
        """Whether a workload and its volume exist. Its pods have the steps in their description. A
        claim whose volume is gone is removed: no pod can use it again."""
        end = time.monotonic() + SLACK
        name = host_name(volume)
        while claims := [o for o in self.objects.all(CLAIM) if _object_name(o) == name]:
            (claim,) = claims
            if "deletionTimestamp" not in claim["metadata"]:
                if claim["status"].get("phase") != "Lost":
                    return bool(self._named([workload]))
                self.objects.call("delete", CLAIM, _object_name(claim))
            if time.monotonic() > end:
                raise click.ClickException(
                    f"the claim {name} is being removed since more than {SLACK} s. "
                    "kubectl describe of it shows what keeps it."
                )
            time.sleep(PERIOD)
        return False

    def run_again(self, name: str, seconds: float) -> bool:
        """Run a job again, as a Job of its own, which is removed when it has succeeded. Raises
        ClickException with its last log lines where it fails, or takes longer. Return whether the
        stack has the job."""
        jobs = [
            job for job in of_workloads(self.objects.all("job"), [name]) if not _by_schedule(job)
        ]
        again = f"{host_name(name)}-again"
        originals = [job for job in jobs if _object_name(job) != again]
        if not originals:
            return False
        newest = max(originals, key=lambda job: str(job["metadata"]["creationTimestamp"]))
        self._remove_job(again)
        self.objects.call("create", "job", body=_copy(newest, again))

        def unfinished() -> list[str]:
            return [] if self._job_is(again, "Complete") else [name]

        self._wait(unfinished, seconds, lambda: [name] if self._job_is(again, "Failed") else [])
        self._remove_job(again)
        return True

    def _wait(
        self,
        lacking: Callable[[], list[str]],
        seconds: float,
        failed: Callable[[], list[str]] | None = None,
    ) -> None:
        """Wait until no workload lacks anything. Raises ClickException with what the cluster knows
        about the pods of those that have failed, or are not done in time."""
        end = time.monotonic() + seconds
        while names := lacking():
            hopeless = failed() if failed else _failed_steps(self._pods(names))
            if hopeless or time.monotonic() > end:
                problem = "failed" if hopeless else f"not done after {seconds:.0f} s"
                concerned = hopeless or names
                raise click.ClickException(
                    "\n".join([f"{problem}: {', '.join(concerned)}", *self._reports(concerned)])
                )
            time.sleep(PERIOD)

    def _wait_until_gone(self, names: Collection[str]) -> None:
        def remaining() -> list[Object]:
            return [pod for pod in self._pods(names) if _phase(pod) not in ENDED]

        grace = max(map(_grace, remaining()), default=0)
        self._wait(lambda: sorted({*names_of(remaining())}), grace + SLACK, lambda: [])

    def _reports(self, names: Collection[str]) -> Iterator[str]:
        objects = self.objects
        common = dict(label.split("=") for label in objects.selector.split(","))
        for name in names:
            labels = {**common, WORKLOAD: name}
            yield from failure.reports_or_why_not(objects.client, objects.namespace, labels)

    def _named(self, names: Collection[str]) -> list[Object]:
        """The Deployments and StatefulSets of these workloads."""
        return list(of_workloads(self._scaled(), names))

    def _scaled(self) -> list[Object]:
        return [*self.objects.all("deployment"), *self.objects.all("stateful_set")]

    def _runs(self) -> Iterator[Object]:
        """The runs of jobs on a schedule that have not ended."""
        for job in self.objects.all("job"):
            if _by_schedule(job) and not any(
                _condition(job, end) for end in ("Complete", "Failed")
            ):
                yield job

    def _pods(self, names: Collection[str]) -> list[Object]:
        return list(of_workloads(self.objects.all("pod"), names))

    def _job_is(self, name: str, condition: str) -> bool:
        jobs = [job for job in self.objects.all("job") if _object_name(job) == name]
        return any(_condition(job, condition) for job in jobs)

    def _remove_job(self, name: str) -> None:
        """Remove a Job with its pods, and wait until it is gone."""
        while any(_object_name(job) == name for job in self.objects.all("job")):
            self.objects.call("delete", "job", name, propagation_policy="Foreground")
            time.sleep(PERIOD)


def of(kubernetes: Kubernetes, workspace: Workspace) -> KubernetesWorkloads:
    """The stack's workloads. Raises ClickException if the context leads to another cluster."""
    workspace.write_files()
    kubernetes_stack.expect_own_cluster(kubernetes, workspace)
    return KubernetesWorkloads(
        objects=KubernetesObjects(
            client=kubernetes_stack.cluster(kubernetes, workspace).client,
            namespace=kubernetes.namespace,
            selector=kubernetes_stack.own_objects(workspace),
        )
    )


def _copy(job: Object, name: str) -> Object:
    """A Job with the work of another one."""
    template = json.loads(json.dumps(job["spec"]["template"]))
    labels = template["metadata"]["labels"]
    template["metadata"]["labels"] = {
        key: value for key, value in labels.items() if key not in OF_ONE_JOB
    }
    spec = {
        field: value
        for field, value in job["spec"].items()
        if field in ("backoffLimit", "activeDeadlineSeconds")
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": job["metadata"]["labels"]},
        "spec": {**spec, "template": template},
    }


def _object_name(item: Object) -> str:
    return str(item["metadata"]["name"])


def _by_schedule(job: Object) -> bool:
    return any(owner["kind"] == "CronJob" for owner in job["metadata"].get("ownerReferences") or [])


def _condition(job: Object, name: str) -> bool:
    conditions = job.get("status", {}).get("conditions") or []
    return any((c["type"], c["status"]) == (name, "True") for c in conditions)


def _phase(pod: Object) -> str:
    return str(pod["status"].get("phase"))


def _grace(pod: Object) -> int:
    return int(pod["spec"].get("terminationGracePeriodSeconds", 30))


def _done(workload: Object) -> bool:
    """Whether all pods of its present description are ready."""
    status = workload.get("status", {})
    current = status.get("observedGeneration") == workload["metadata"]["generation"]
    return bool(current and status.get("readyReplicas", 0) >= workload["spec"].get("replicas", 1))


def _failed_steps(pods: Iterable[Object]) -> list[str]:
    """The workloads of pods with a step that has failed several times."""
    return sorted(
        {
            name_of(pod)
            for pod in pods
            for status in pod["status"].get("initContainerStatuses") or []
            if not status["ready"] and status["restartCount"] >= FAILED_TRIES
        }
    )
