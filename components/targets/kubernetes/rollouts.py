"""Checks on the cluster itself whether the roll-outs and the jobs of an `up` are done.

The provider does not wait for them (`NO_WAIT`). Its report is not enough: plugin 4.25 reports
a StatefulSet as done before its roll-out begins, and a roll-out that `up` gave up on is ignored by
the next `up`. Its wait is too long: it goes on when the cluster gives up on a roll-out, and when an
image does not exist (docs/decisions/0019-roll-outs-are-checked.md).
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pulumi
from pulumi.output import Unknown

from components.stack_name import name_in_commands
from components.targets.kubernetes import failure, hopeless
from components.targets.kubernetes.progress import ABSENT, Object, ended, finished, lack

# Seconds between two checks, and the longest wait that is not logged.
PERIOD, BRIEF = 0.5, 10
# Seconds between two looks at the pods, for reasons why a roll-out cannot succeed.
LOOK = 3
KINDS = ("Deployment", "StatefulSet", "Job")
# The provider is done with an object as soon as the cluster has processed it. With its other
# annotation, `skipAwait`, it would not wait for the end of a removed object either.
NO_WAIT = {"pulumi.com/waitFor": "jsonpath={.metadata.uid}"}

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True, eq=False)
class Rollout:
    """A workload or a job that `up` waits for, at most for `patience` seconds.

    `kind` is Deployment, StatefulSet or Job. The object and its pods carry the labels.
    """

    kind: str
    name: str
    labels: Mapping[str, str]
    patience: int

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, kw_only=True)
class Rollouts:
    """The roll-outs in a stack's namespace, on the cluster that the client reaches.

    `unfinished` are those that earlier runs did not finish, and `changed` those that this run has
    begun, by kind and name. `awaited` is what this run waits for at the moment. `failed_jobs` are
    the uids of the jobs that have failed, by their names, and `given_up` the times at which the
    cluster gave up on Deployments before this run.
    """

    client: Any
    namespace: str
    unfinished: frozenset[tuple[str, str]]
    failed_jobs: Mapping[str, str] = field(default_factory=dict)
    given_up: Mapping[str, str] = field(default_factory=dict)
    changed: set[tuple[str, str]] = field(default_factory=set)
    awaited: set[Rollout] = field(default_factory=set)
    # Each of the SDK's own threads may be waiting for a resource.
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=2))

    def hooks(self, rollout: Rollout) -> pulumi.ResourceHookBinding:
        """Hooks that note that this update created or changed the workload. They never wait: the
        engine saves no other state until they return."""

        def note(_: pulumi.ResourceHookArgs) -> None:
            self.changed.add((rollout.kind, rollout.name))

        hook = pulumi.ResourceHook(f"roll-out of {rollout}", note)
        return pulumi.ResourceHookBinding(after_create=[hook], after_update=[hook])

    def settled(self, rollout: Rollout, workload: pulumi.CustomResource) -> pulumi.Output[bool]:
        """Whether the workload exists. If this `up` changed it, or an earlier one left its roll-out
        unfinished, the answer is known only when the roll-out is done. An exception fails `up`."""
        # A workload that `--target` leaves out has no id if it was never created.
        exists = workload.id.apply(lambda id: not isinstance(id, Unknown), run_with_unknowns=True)

        async def check(created: bool) -> bool:
            if created and (rollout.kind, rollout.name) in self.unfinished | self.changed:
                await self.finish([rollout])
            return created

        return exists.apply(check)

    def confirm(
        self, settled: Sequence[tuple[Rollout, pulumi.Output[bool]]]
    ) -> pulumi.Output[None]:
        """Fail `up` at its end unless every workload is rolled out, whether it changed or not."""

        async def check(existing: Sequence[bool]) -> None:
            pairs = zip(settled, existing, strict=True)
            if created := [rollout for (rollout, _), exists in pairs if exists]:
                await self.finish(created)

        return pulumi.Output.all(*(exists for _, exists in settled)).apply(check)

    async def finish(self, rollouts: Sequence[Rollout]) -> None:
        """Wait until all are rolled out. Raises RunError when one cannot succeed any more, or takes
        longer than its patience; the error names all that are unfinished.

        The error ends the program, and with it every other wait. It comes when these have ended, so
        that `up` explains all that is wrong at once.
        """
        self.awaited.update(rollouts)
        try:
            problem = await self._problem(rollouts)
        finally:
            self.awaited.difference_update(rollouts)
        if problem:
            while self.awaited:
                await asyncio.sleep(PERIOD)
            raise pulumi.RunError(problem)

    async def _problem(self, rollouts: Sequence[Rollout]) -> str | None:
        """Wait until all are rolled out, or log the pods' reports and return why one is not."""
        start = time.monotonic()
        reported: dict[Rollout, str] = {}
        doomed: dict[Rollout, str] = {}
        next_look: float = LOOK
        while lacks := await self._in_thread(self._lacks, rollouts):
            waited = time.monotonic() - start
            given_up: dict[Rollout, str] = {}
            if waited >= next_look:
                before, doomed = doomed, await self._in_thread(self._doomed, rollouts)
                # A version that was broken before may leave its last status for a moment.
                given_up = {rollout: doomed[rollout] for rollout in doomed if rollout in before}
                next_look = waited + LOOK
            late = any(waited > rollout.patience for rollout in lacks)
            if given_up or late or ABSENT in lacks.values():
                for report in await self._in_thread(self._reports, lacks):
                    pulumi.log.error(report)
                return _failure(waited, lacks, given_up)
            if waited > BRIEF:
                for rollout, lack in lacks.items():
                    if reported.get(rollout) != lack:
                        pulumi.log.info(f"waiting for {rollout}: {lack}")
                reported = lacks
            await asyncio.sleep(PERIOD)
        return None

    async def _in_thread(self, query: Callable[..., Answer], *arguments: Any) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self.threads, query, *arguments)

    def _lacks(self, rollouts: Sequence[Rollout]) -> dict[Rollout, str]:
        """What each unfinished roll-out still lacks."""
        try:
            objects = self._objects_of(rollouts)
        except failure.no_answer() as error:
            # The API server may be restarting, so the wait goes on.
            reason = getattr(error, "reason", None) or error
            return dict.fromkeys(rollouts, f"the cluster does not answer: {reason}")
        lacks = {rollout: lack(objects.get((rollout.kind, rollout.name))) for rollout in rollouts}
        return {rollout: text for rollout, text in lacks.items() if text}

    def _doomed(self, rollouts: Sequence[Rollout]) -> dict[Rollout, str]:
        """Why roll-outs cannot succeed any more."""
        try:
            objects = self._objects_of(rollouts)
            pods = _pods(self.client, self.namespace, _common_labels(rollouts))
        except failure.no_answer():
            return {}
        reasons = {}
        for rollout in rollouts:
            own = [
                pod for pod in pods if rollout.labels.items() <= pod["metadata"]["labels"].items()
            ]
            workload = objects.get((rollout.kind, rollout.name))
            if not workload or not lack(workload):
                continue
            before = self.given_up.get(rollout.name) if rollout.kind == "Deployment" else None
            if reason := hopeless.reason(workload, own, before):
                reasons[rollout] = reason
        return reasons

    def _objects_of(self, rollouts: Sequence[Rollout]) -> dict[tuple[str, str], Object]:
        kinds = {rollout.kind for rollout in rollouts}
        return _objects(self.client, self.namespace, kinds, _common_labels(rollouts))

    def _reports(self, rollouts: Sequence[Rollout]) -> list[str]:
        return [
            report
            for rollout in rollouts
            for report in failure.reports_or_why_not(self.client, self.namespace, rollout.labels)
        ]


def _common_labels(rollouts: Sequence[Rollout]) -> dict[str, str]:
    return dict(sorted(set.intersection(*(set(rollout.labels.items()) for rollout in rollouts))))


def _failure(waited: float, lacks: Mapping[Rollout, str], given_up: Mapping[Rollout, str]) -> str:
    texts = {
        rollout: "; ".join(filter(None, (lack, given_up.get(rollout))))
        for rollout, lack in lacks.items()
    }
    unfinished = "; ".join(f"{rollout}: {text}" for rollout, text in texts.items())
    problem = f"not done after {waited:.0f} s: {unfinished}"
    if ABSENT not in lacks.values():
        return problem
    return f"{problem}. pulumi up --refresh --stack {name_in_commands()} creates it again"


def find(client: Any, namespace: str, labels: Mapping[str, str]) -> Rollouts:
    """The roll-outs of the workloads with these labels, before `up` changes anything."""
    try:
        objects = _objects(client, namespace, KINDS, labels)
    except failure.no_answer():
        objects = {}  # the wait for each roll-out reports what it lacks
    return Rollouts(
        client=client,
        namespace=namespace,
        unfinished=frozenset(key for key, workload in objects.items() if not finished(workload)),
        failed_jobs={
            name: job["metadata"]["uid"]
            for (kind, name), job in objects.items()
            if kind == "Job" and ended(job, "Failed")
        },
        given_up={
            name: time
            for (kind, name), workload in objects.items()
            if kind == "Deployment" and (time := hopeless.given_up(workload))
        },
    )


def _objects(
    client: Any, namespace: str, kinds: Iterable[str], labels: Mapping[str, str]
) -> dict[tuple[str, str], Object]:
    """The objects by kind and name. There is one request for each kind, not for each workload."""
    from kubernetes.client import AppsV1Api, BatchV1Api

    api = AppsV1Api(client)
    lists = {
        "Deployment": api.list_namespaced_deployment,
        "StatefulSet": api.list_namespaced_stateful_set,
        "Job": BatchV1Api(client).list_namespaced_job,
    }
    objects: dict[tuple[str, str], Object] = {}
    for kind in kinds:
        answer = lists[kind](
            namespace,
            label_selector=failure.selector(labels),
            _request_timeout=failure.LIMIT,
            # The SDK's own classes take longer to fill than the API server takes to answer.
            _preload_content=False,
        )
        for workload in json.loads(answer.data)["items"]:
            objects[kind, workload["metadata"]["name"]] = {**workload, "kind": kind}
    return objects


def _pods(client: Any, namespace: str, labels: Mapping[str, str]) -> list[Object]:
    from kubernetes.client import CoreV1Api

    answer = CoreV1Api(client).list_namespaced_pod(
        namespace,
        label_selector=failure.selector(labels),
        _request_timeout=failure.LIMIT,
        _preload_content=False,
    )
    pods: list[Object] = json.loads(answer.data)["items"]
    return pods
