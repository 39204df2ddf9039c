"""Whether the cluster runs what it was told to run. `up` asks the cluster itself.

The provider's word is not enough. Plugin 4.25 reports a StatefulSet as done before its roll-out
begins, and a Deployment that returns to an old ReplicaSet too. And no plugin asks about a workload
that did not change, so the next `up` would forget a roll-out that the last one gave up on
(docs/decisions/0019-roll-outs-are-checked.md).
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pulumi
from pulumi.output import Unknown

from components.targets.kubernetes import failure

# Seconds between two questions, and those of a wait that is not worth a line.
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
    """The roll-outs in a stack's namespace, on the cluster that the client reaches."""

    client: Any
    namespace: str
    # While a hook runs, each of the SDK's own threads may be waiting for a resource.
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=2))

    def hooks(self, rollout: Rollout) -> pulumi.ResourceHookBinding:
        """Run when the workload was created or updated. Until they return, the engine holds back
        what depends on the workload. An exception fails `up`."""

        async def check(_: pulumi.ResourceHookArgs) -> None:
            await self.finish([rollout])

        hook = pulumi.ResourceHook(f"roll-out of {rollout}", check)
        return pulumi.ResourceHookBinding(after_create=[hook], after_update=[hook])

    def confirm(
        self, workloads: Sequence[tuple[Rollout, pulumi.CustomResource]]
    ) -> pulumi.Output[None]:
        """Fail `up` at its end unless every workload is rolled out, whether it changed or not."""
        # A workload that `--target` leaves out has no id if it was never created.
        exist = [
            resource.id.apply(lambda id: not isinstance(id, Unknown), run_with_unknowns=True)
            for _, resource in workloads
        ]

        async def check(existing: Sequence[bool]) -> None:
            pairs = zip(workloads, existing, strict=True)
            if created := [rollout for (rollout, _), exists in pairs if exists]:
                await self.finish(created)

        return pulumi.Output.all(*exist).apply(check)

    async def finish(self, rollouts: Sequence[Rollout]) -> None:
        """Return when all are rolled out. RunError as soon as one is not within its own time; it
        names all that are not."""
        begun = time.monotonic()
        told: dict[Rollout, str] = {}
        while lacks := await self._in_thread(self._lacks, rollouts):
            waited = time.monotonic() - begun
            if ABSENT in lacks.values() or any(waited > each.patience for each in lacks):
                for report in await self._in_thread(self._reports, lacks):
                    pulumi.log.error(report)
                raise pulumi.RunError(
                    f"not rolled out after {waited:.0f} s: "
                    + "; ".join(f"{rollout}: {lack}" for rollout, lack in lacks.items())
                )
            if waited > BRIEF:
                for rollout, lack in lacks.items():
                    if told.get(rollout) != lack:
                        pulumi.log.info(f"waiting for {rollout}: {lack}")
                told = lacks
            await asyncio.sleep(PERIOD)

    async def _in_thread(self, ask: Callable[..., Answer], *given: Any) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self.threads, ask, *given)

    def _lacks(self, rollouts: Sequence[Rollout]) -> dict[Rollout, str]:
        """What each one that is not rolled out still lacks."""
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError

        try:
            objects = self._objects(rollouts)
        except (ApiException, HTTPError, OSError) as error:
            # An API server that restarts, for example, is back before the time is over.
            reason = getattr(error, "reason", None) or error
            return dict.fromkeys(rollouts, f"the cluster does not answer: {reason}")
        lacks = {each: lack(objects.get((each.kind, each.name))) for each in rollouts}
        return {each: text for each, text in lacks.items() if text}

    def _objects(self, rollouts: Sequence[Rollout]) -> dict[tuple[str, str], Object]:
        """One list of each kind, whatever the number of workloads, by kind and name."""
        from kubernetes.client import AppsV1Api

        api = AppsV1Api(self.client)
        lists = {
            "Deployment": api.list_namespaced_deployment,
            "StatefulSet": api.list_namespaced_stateful_set,
        }
        common = set.intersection(*(set(each.labels.items()) for each in rollouts))
        objects = {}
        for kind in {each.kind for each in rollouts}:
            answer = lists[kind](
                self.namespace,
                label_selector=failure.selector(dict(sorted(common))),
                _request_timeout=failure.LIMIT,
                # The SDK's own classes take longer to fill than the API server takes to answer.
                _preload_content=False,
            )
            for each in json.loads(answer.data)["items"]:
                objects[kind, each["metadata"]["name"]] = each
        return objects

    def _reports(self, rollouts: Sequence[Rollout]) -> list[str]:
        return [
            report
            for each in rollouts
            for report in failure.reports_or_why_not(self.client, self.namespace, each.labels)
        ]


def lack(found: Object | None) -> str | None:
    """What a Deployment or StatefulSet lacks to be rolled out, as `kubectl rollout status` asks;
    None where nothing is missing."""
    if found is None:
        return ABSENT
    wanted, status = found["spec"].get("replicas", 1), found.get("status", {})
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    ready = status.get("readyReplicas", 0)
    if status.get("observedGeneration", 0) < found["metadata"]["generation"]:
        return "the cluster has not begun its roll-out"
    if updated < wanted:
        return f"{updated} of {wanted} pods are of the new version"
    if total > updated:
        return f"{total - updated} pods of the old version have not ended"
    if ready < wanted:
        return f"{ready} of {wanted} pods are ready"
    return None
