"""Stop and start parts of a stack on a cluster, and run its jobs again.

What is stopped has an annotation with what it had before: its number of replicas, or that it was
not suspended. The cluster keeps that, so that a later run of the verb can put it back. An
autoscaler leaves a workload with zero replicas alone.
"""

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from components.addresses import host_name
from components.settings import Kubernetes
from components.targets.kubernetes import failure
from operations import kubernetes_stack
from operations.kubernetes_stack import JOB_NAME, REQUEST_SECONDS, WORKLOAD
from operations.workspace import Workspace

REPLICAS = "ai-platform/replicas-before-stop"
RUNNING = "ai-platform/running-before-stop"
PERIOD = 0.5
# Seconds that a pod has to end besides its own grace period.
SLACK = 60
MERGE = "application/merge-patch+json"
# The labels that a cluster gives to the pods of a job, which differ for each job.
OF_ONE_JOB = (
    *(JOB_NAME, "batch.kubernetes.io/controller-uid"),
    *("job-name", "controller-uid"),
)
ENDED = ("Succeeded", "Failed")
# After so many restarts of a step, waiting does not help.
FAILED_TRIES = 2
CLAIM = "persistent_volume_claim"
APIS = {
    CLAIM: "CoreV1Api",
    "deployment": "AppsV1Api",
    "stateful_set": "AppsV1Api",
    "cron_job": "BatchV1Api",
    "job": "BatchV1Api",
    "pod": "CoreV1Api",
}

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class KubernetesWorkloads:
    """The objects of a stack in its namespace. `selector` chooses them; `client` is the SDK's."""

    client: Any
    namespace: str
    selector: str
    stack: str

    def running(self, names: Collection[str]) -> list[str]:
        """Those of the workloads that run, or are to run."""
        scaled = [o for o in self._scaled() if o["spec"].get("replicas", 1)]
        scheduled = [o for o in self._list("cron_job") if not o["spec"].get("suspend")]
        return _names(_of([*scaled, *scheduled], names))

    def stopped(self) -> list[str]:
        """The workloads that a verb has stopped and not started again."""
        marked = [*self._scaled(), *self._list("cron_job")]
        return _names(o for o in marked if {REPLICAS, RUNNING} & {*_annotations(o)})

    def stop(self, names: Collection[str]) -> None:
        """Stop the workloads, and wait until their pods are gone. Remember what they had."""
        for workload in _of(self._scaled(), names):
            if replicas := workload["spec"].get("replicas", 1):
                former = _annotations(workload).get(REPLICAS, str(replicas))
                self._patch(workload, {REPLICAS: former}, {"replicas": 0})
        # A suspended job ends its pods, and starts them again when it goes on.
        for job in _of([*self._list("cron_job"), *self._runs()], names):
            if not job["spec"].get("suspend"):
                self._patch(job, {RUNNING: "true"}, {"suspend": True})
        self._wait_until_gone(names)

    def start(self, names: Sequence[str]) -> None:
        """Start again what `stop` has stopped, in the order of these workloads."""
        order = {name: number for number, name in enumerate(names)}
        stopped = [o for o in _of(self._scaled(), names) if REPLICAS in _annotations(o)]
        for workload in sorted(stopped, key=lambda o: order[_name(o)]):
            replicas = int(_annotations(workload)[REPLICAS])
            self._patch(workload, {REPLICAS: None}, {"replicas": replicas})
        for job in _of([*self._runs(), *self._list("cron_job")], names):
            if RUNNING in _annotations(job):
                self._patch(job, {RUNNING: None}, {"suspend": False})

    def wait_running(self, names: Collection[str], seconds: float) -> None:
        """Wait until the containers of the workloads run, after the steps before them."""

        def waiting() -> list[str]:
            running = {_name(pod) for pod in self._pods(names) if _phase(pod) == "Running"}
            return sorted({*names} - running)

        self._wait(waiting, seconds)

    def wait(self, names: Collection[str], seconds: float) -> None:
        """Wait until all pods of the workloads are ready."""
        self._wait(lambda: sorted({_name(o) for o in self._named(names) if not _done(o)}), seconds)

    def run_step(self, name: str, seconds: float) -> None:
        """Nothing: each pod runs its steps before its containers start."""

    def has(self, workload: str, volume: str, step: str) -> bool:
        """Whether a workload and its volume exist. Its pods have the steps in their description. A
        claim whose volume is gone is removed: no pod can use it again."""
        while claims := [
            o for o in self._list(CLAIM) if o["metadata"]["name"] == host_name(volume)
        ]:
            (claim,) = claims
            if claim["status"].get("phase") == "Lost":
                self._api("delete", CLAIM, claim["metadata"]["name"])
            elif "deletionTimestamp" not in claim["metadata"]:
                return bool(self._named([workload]))
            time.sleep(PERIOD)
        return False

    def run_again(self, name: str, seconds: float) -> None:
        """Run a job again, as a Job of its own, which is removed when it has succeeded. Raises
        ClickException with its last log lines where it fails, or takes longer."""
        jobs = [job for job in _of(self._list("job"), [name]) if not _by_schedule(job)]
        again = f"{host_name(name)}-again"
        originals = [job for job in jobs if job["metadata"]["name"] != again]
        if not originals:
            raise click.ClickException(
                f"the namespace {self.namespace} has no Job of {name}. make up STACK={self.stack} "
                "creates it."
            )
        newest = max(originals, key=lambda job: str(job["metadata"]["creationTimestamp"]))
        self._remove_job(again)
        self._api("create", "job", body=_copy(newest, again))

        def unfinished() -> list[str]:
            return [] if self._job_is(again, "Complete") else [name]

        self._wait(unfinished, seconds, lambda: [name] if self._job_is(again, "Failed") else [])
        self._remove_job(again)

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
        self._wait(lambda: sorted({*_names(remaining())}), grace + SLACK, lambda: [])

    def _reports(self, names: Collection[str]) -> Iterator[str]:
        for name in names:
            labels = dict(
                label.split("=") for label in f"{self.selector},{WORKLOAD}={name}".split(",")
            )
            yield from failure.reports_or_why_not(self.client, self.namespace, labels)

    def _named(self, names: Collection[str]) -> list[Object]:
        """The Deployments and StatefulSets of these workloads."""
        return list(_of(self._scaled(), names))

    def _scaled(self) -> list[Object]:
        return [*self._list("deployment"), *self._list("stateful_set")]

    def _runs(self) -> Iterator[Object]:
        """The runs of jobs on a schedule that have not ended."""
        for job in self._list("job"):
            if _by_schedule(job) and not any(
                _condition(job, end) for end in ("Complete", "Failed")
            ):
                yield job

    def _pods(self, names: Collection[str]) -> list[Object]:
        return list(_of(self._list("pod"), names))

    def _list(self, kind: str) -> list[Object]:
        answer = self._api("list", kind, label_selector=self.selector)
        return [{**item, "kind": kind} for item in answer["items"]]

    def _patch(
        self, target: Object, marks: Mapping[str, str | None], spec: Mapping[str, Any]
    ) -> None:
        """Change a field and the marks in one request: neither is there without the other."""
        self._api(
            "patch",
            target["kind"],
            target["metadata"]["name"],
            body={"metadata": {"annotations": dict(marks)}, "spec": dict(spec)},
            _content_type=MERGE,
        )

    def _job_is(self, name: str, condition: str) -> bool:
        jobs = [job for job in self._list("job") if job["metadata"]["name"] == name]
        return any(_condition(job, condition) for job in jobs)

    def _remove_job(self, name: str) -> None:
        """Remove a Job with its pods, and wait until it is gone."""
        while any(job["metadata"]["name"] == name for job in self._list("job")):
            self._api("delete", "job", name, propagation_policy="Foreground")
            time.sleep(PERIOD)

    def _api(self, verb: str, kind: str, *name: str, **options: Any) -> Object:
        from kubernetes import client

        api = getattr(client, APIS[kind])(self.client)
        words = (*name, self.namespace)
        answer = getattr(api, f"{verb}_namespaced_{kind}")(
            *words, **options, _request_timeout=REQUEST_SECONDS, _preload_content=False
        )
        content: Object = json.loads(answer.data)
        return content


def of(kubernetes: Kubernetes, workspace: Workspace) -> KubernetesWorkloads:
    """The stack's workloads. Raises ClickException if the context leads to another cluster."""
    workspace.write_files()
    kubernetes_stack.expect_own_cluster(kubernetes, workspace)
    return KubernetesWorkloads(
        client=kubernetes_stack.cluster(kubernetes, workspace).client,
        namespace=kubernetes.namespace,
        selector=kubernetes_stack.own_objects(workspace),
        stack=workspace.stack,
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


def _of(objects: Iterable[Object], names: Collection[str]) -> Iterator[Object]:
    return (item for item in objects if _name(item) in names)


def _name(item: Object) -> str:
    """The name of the workload."""
    return str(item["metadata"]["labels"].get(WORKLOAD))


def _names(objects: Iterable[Object]) -> list[str]:
    return list(dict.fromkeys(_name(item) for item in objects))


def _annotations(item: Object) -> dict[str, str]:
    return item["metadata"].get("annotations") or {}


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
            _name(pod)
            for pod in pods
            for status in pod["status"].get("initContainerStatuses") or []
            if not status["ready"] and status["restartCount"] >= FAILED_TRIES
        }
    )
