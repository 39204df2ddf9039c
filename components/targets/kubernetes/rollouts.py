"""Checks on the cluster itself whether the roll-outs of an `up` are done.

The provider's report is not enough. Plugin 4.25 reports a StatefulSet as done before its roll-out
begins. It does the same for a Deployment that returns to an old ReplicaSet. It also records a
roll-out that `up` gave up on as done, so the next `up` would ignore it
(docs/decisions/0019-roll-outs-are-checked.md).
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

from components.targets.kubernetes import failure

# Seconds between two checks, and the longest wait that is not logged.
PERIOD, BRIEF = 0.5, 10
ABSENT = "it is not on the cluster; `pulumi refresh` notices that, and then `up` creates it again"

Answer = TypeVar("Answer")
Object = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rollout:
    """A workload that `up` waits for, at most for `patience` seconds.

    `kind` is Deployment or StatefulSet. The object and its pods carry the labels.
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

    `unfinished` are the roll-outs that earlier runs did not finish, by kind and name.
    """

    client: Any
    namespace: str
    unfinished: frozenset[tuple[str, str]]
    # While a hook runs, each of the SDK's own threads may be waiting for a resource.
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=2))

    def hooks(self, rollout: Rollout) -> pulumi.ResourceHookBinding:
        """Hooks that run after the workload is created or updated. Until they return, the engine
        holds back what depends on the workload. An exception fails `up`."""

        async def check(_: pulumi.ResourceHookArgs) -> None:
            await self.finish([rollout])

        hook = pulumi.ResourceHook(f"roll-out of {rollout}", check)
        return pulumi.ResourceHookBinding(after_create=[hook], after_update=[hook])

    def settled(self, rollout: Rollout, workload: pulumi.CustomResource) -> pulumi.Output[bool]:
        """Whether the workload exists. If an earlier `up` left its roll-out unfinished, the answer
        is known only when the roll-out is done. An exception fails `up`."""
        # A workload that `--target` leaves out has no id if it was never created.
        exists = workload.id.apply(lambda id: not isinstance(id, Unknown), run_with_unknowns=True)
        if (rollout.kind, rollout.name) not in self.unfinished:
            return exists

        async def check(created: bool) -> bool:
            if created:
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
        """Wait until all are rolled out. Raises RunError as soon as one takes longer than its
        patience; the error names all that are unfinished."""
        start = time.monotonic()
        reported: dict[Rollout, str] = {}
        while lacks := await self._in_thread(self._lacks, rollouts):
            waited = time.monotonic() - start
            if ABSENT in lacks.values() or any(waited > rollout.patience for rollout in lacks):
                for report in await self._in_thread(self._reports, lacks):
                    pulumi.log.error(report)
                raise pulumi.RunError(
                    f"not rolled out after {waited:.0f} s: "
                    + "; ".join(f"{rollout}: {lack}" for rollout, lack in lacks.items())
                )
            if waited > BRIEF:
                for rollout, lack in lacks.items():
                    if reported.get(rollout) != lack:
                        pulumi.log.info(f"waiting for {rollout}: {lack}")
                reported = lacks
            await asyncio.sleep(PERIOD)

    async def _in_thread(self, query: Callable[..., Answer], *arguments: Any) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self.threads, query, *arguments)

    def _lacks(self, rollouts: Sequence[Rollout]) -> dict[Rollout, str]:
        """What each unfinished roll-out still lacks."""
        common = set.intersection(*(set(rollout.labels.items()) for rollout in rollouts))
        kinds = {rollout.kind for rollout in rollouts}
        try:
            objects = _objects(self.client, self.namespace, kinds, dict(sorted(common)))
        except _no_answer() as error:
            # The API server may be restarting, so the wait goes on.
            reason = getattr(error, "reason", None) or error
            return dict.fromkeys(rollouts, f"the cluster does not answer: {reason}")
        lacks = {rollout: lack(objects.get((rollout.kind, rollout.name))) for rollout in rollouts}
        return {rollout: text for rollout, text in lacks.items() if text}

    def _reports(self, rollouts: Sequence[Rollout]) -> list[str]:
        return [
            report
            for rollout in rollouts
            for report in failure.reports_or_why_not(self.client, self.namespace, rollout.labels)
        ]


def find(client: Any, namespace: str, labels: Mapping[str, str]) -> Rollouts:
    """The roll-outs of the workloads with these labels, before `up` changes anything."""
    try:
        objects = _objects(client, namespace, ("Deployment", "StatefulSet"), labels)
    except _no_answer():
        objects = {}  # the wait for each roll-out reports what it lacks
    unfinished = (key for key, workload in objects.items() if not finished(workload))
    return Rollouts(client=client, namespace=namespace, unfinished=frozenset(unfinished))


def _objects(
    client: Any, namespace: str, kinds: Iterable[str], labels: Mapping[str, str]
) -> dict[tuple[str, str], Object]:
    """The objects by kind and name. There is one request for each kind, not for each workload."""
    from kubernetes.client import AppsV1Api

    api = AppsV1Api(client)
    lists = {
        "Deployment": api.list_namespaced_deployment,
        "StatefulSet": api.list_namespaced_stateful_set,
    }
    objects = {}
    for kind in kinds:
        answer = lists[kind](
            namespace,
            label_selector=failure.selector(labels),
            _request_timeout=failure.LIMIT,
            # The SDK's own classes take longer to fill than the API server takes to answer.
            _preload_content=False,
        )
        for workload in json.loads(answer.data)["items"]:
            objects[kind, workload["metadata"]["name"]] = workload
    return objects


def _no_answer() -> tuple[type[Exception], ...]:
    from kubernetes.client import ApiException
    from urllib3.exceptions import HTTPError

    return ApiException, HTTPError, OSError


def finished(workload: Object) -> bool:
    """Whether the roll-out of a Deployment or StatefulSet has ended, whatever has happened to its
    pods since."""
    status = workload.get("status", {})
    if status.get("observedGeneration", 0) < workload["metadata"]["generation"]:
        return False
    if "updateRevision" in status:
        return bool(status.get("currentRevision") == status["updateRevision"])
    conditions = status.get("conditions", [])
    reasons = {condition["type"]: condition.get("reason") for condition in conditions}
    return reasons.get("Progressing") == "NewReplicaSetAvailable"


def lack(workload: Object | None) -> str | None:
    """What a Deployment or StatefulSet lacks to be rolled out, by the rules of `kubectl rollout
    status`; None if it lacks nothing."""
    if workload is None:
        return ABSENT
    replicas, status = workload["spec"].get("replicas", 1), workload.get("status", {})
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    ready = status.get("readyReplicas", 0)
    if status.get("observedGeneration", 0) < workload["metadata"]["generation"]:
        return "the cluster has not begun its roll-out"
    if updated < replicas:
        return f"{updated} of {replicas} pods are of the new version"
    if total > updated:
        return f"{total - updated} pods of the old version have not ended"
    if ready < replicas:
        return f"{ready} of {replicas} pods are ready"
    return None
