"""Controllers of pods as a cluster reports them, and a cluster that does."""

import asyncio
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from components.targets.kubernetes.rollouts import Rollout, Rollouts

INSTANCE = {"app.kubernetes.io/instance": "prod"}


def labels(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name, **INSTANCE}


def deployment(patience: int = 60) -> Rollout:
    return Rollout(kind="Deployment", name="backend", labels=labels("backend"), patience=patience)


def stateful_set(patience: int = 60) -> Rollout:
    return Rollout(
        kind="StatefulSet", name="postgres", labels=labels("postgres"), patience=patience
    )


def controller(name: str = "backend", desired: int = 1, **status: int) -> dict[str, Any]:
    """An object as the API server lists it: rolled out, unless its status says otherwise."""
    counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas"), desired)
    return {
        "kind": "StatefulSet" if name == "postgres" else "Deployment",
        "metadata": {"name": name, "generation": 2},
        "spec": {"replicas": desired},
        "status": {"observedGeneration": 2, **counts, **status},
    }


def job(*conditions: str, name: str = "gate-1") -> dict[str, Any]:
    """A Job as the API server lists it, with these conditions."""
    status = {"status": "True", "reason": "BackoffLimitExceeded", "message": "limit reached"}
    return {
        "kind": "Job",
        "metadata": {"name": name, "uid": f"uid-of-{name}", "generation": 1},
        "spec": {"template": {"spec": {"containers": []}}},
        "status": {"conditions": [{"type": type_, **status} for type_ in conditions]},
    }


def gate(patience: int = 60) -> Rollout:
    return Rollout(kind="Job", name="gate-1", labels=labels("gate"), patience=patience)


class Cluster:
    """The API of a cluster that returns one answer after the other for each question, and for each
    look at the pods."""

    def __init__(
        self, *answers: list[Any] | Exception, pods: Sequence[list[Any] | Exception] = ([],)
    ) -> None:
        self.answers = list(answers)
        self.pods = list(pods)
        self.looks = 0
        self.questions: list[tuple[str, str, str]] = []

    def _answer(self, kind: str, namespace: str, label_selector: str, **_: Any) -> SimpleNamespace:
        self.questions.append((kind, namespace, label_selector))
        return _next(self.answers)

    def list_namespaced_deployment(self, namespace: str, **fields: Any) -> SimpleNamespace:
        return self._answer("Deployment", namespace, **fields)

    def list_namespaced_stateful_set(self, namespace: str, **fields: Any) -> SimpleNamespace:
        return self._answer("StatefulSet", namespace, **fields)

    def list_namespaced_job(self, namespace: str, **fields: Any) -> SimpleNamespace:
        return self._answer("Job", namespace, **fields)

    def list_namespaced_pod(self, namespace: str, **_: Any) -> SimpleNamespace:
        self.looks += 1
        return _next(self.pods)


def _next(answers: list[list[Any] | Exception]) -> SimpleNamespace:
    answer = answers.pop(0) if len(answers) > 1 else answers[0]
    if isinstance(answer, Exception):
        raise answer
    return SimpleNamespace(data=json.dumps({"items": answer}))


def of(cluster: Cluster, *unfinished: tuple[str, str]) -> Rollouts:
    return Rollouts(client=cluster, namespace="acme", unfinished=frozenset(unfinished))


def finish(cluster: Cluster, *workloads: Rollout) -> None:
    asyncio.run(of(cluster).finish(workloads))
