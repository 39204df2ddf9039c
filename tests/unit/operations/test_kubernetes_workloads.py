"""Objects of a cluster are stopped and started again as they were."""

from collections.abc import Callable
from typing import Any

import click
import pytest
from kubernetes.client import ApiException

from operations import kubernetes_workloads
from operations.kubernetes_objects import MERGE, KubernetesObjects, Object
from operations.kubernetes_workloads import KubernetesWorkloads

SELECTOR = "app.kubernetes.io/part-of=ai-platform,app.kubernetes.io/instance=prod"
STACK = KubernetesWorkloads(
    objects=KubernetesObjects(client=None, namespace="shop", selector=SELECTOR)
)
NAMES = ["backend", "files", "tidy"]


def item(workload: str, name: str = "", **content: Any) -> Object:
    metadata = {
        "name": name or f"ai-platform-{workload}",
        "labels": {"app.kubernetes.io/name": workload},
        "creationTimestamp": "2026-11-24T02:00:00Z",
        "generation": 1,
        **content.pop("metadata", {}),
    }
    return {"metadata": metadata, "spec": {}, "status": {}, **content}


def job(workload: str, name: str, *, of_schedule: bool = False, done: str | None = None) -> Object:
    owners = [{"kind": "CronJob"}] if of_schedule else []
    labels = {"app.kubernetes.io/name": workload, "batch.kubernetes.io/job-name": name}
    return item(
        workload,
        name,
        metadata={"ownerReferences": owners},
        spec={
            "backoffLimit": 3,
            "suspend": False,
            "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "1"}},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": ["psql"]}},
        },
        status={"conditions": [{"type": done, "status": "True"}] if done else []},
    )


class Cluster:
    """The objects by kind, and the changes that were asked for. Pods follow at once."""

    def __init__(self, **objects: list[Object]) -> None:
        self.objects = objects
        self.changes: list[tuple[Any, ...]] = []
        self.ends = "Complete"
        self.dies_at = 0

    def api(self, verb: str, kind: str, *name: str, **options: Any) -> Object:
        if verb == "list":
            assert options == {"label_selector": SELECTOR}
            return {"items": self.objects.get(kind, [])}
        body = options.get("body")
        self.changes.append((verb, kind, *name, body))
        if self.dies_at == len(self.changes):
            raise KeyboardInterrupt
        if verb == "create":
            assert body
            self.objects[kind].append(body | {"status": {"conditions": [self.end()]}})
            return {}
        (found,) = (o for o in self.objects[kind] if o["metadata"]["name"] == name[0])
        if verb == "delete":
            self.objects[kind].remove(found)
        if verb == "patch":
            assert (options["_content_type"], body) == (MERGE, body)
            assert body
            marks = found["metadata"].setdefault("annotations", {})
            for key, value in body["metadata"]["annotations"].items():
                marks.pop(key, None) if value is None else marks.update({key: value})
            found["spec"].update(body["spec"])
            if "replicas" in body["spec"]:
                found["status"] = {
                    "readyReplicas": body["spec"]["replicas"],
                    "observedGeneration": 1,
                }
        return {}

    def end(self) -> dict[str, str]:
        return {"type": self.ends, "status": "True"}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Cluster]:
    def make(**objects: list[Object]) -> Cluster:
        cluster = Cluster(**objects)
        monkeypatch.setattr(KubernetesObjects, "call", lambda _, *a, **o: cluster.api(*a, **o))
        monkeypatch.setattr(KubernetesWorkloads, "_reports", lambda _, names: ["its last lines"])
        monkeypatch.setattr(kubernetes_workloads, "PERIOD", 0)
        monkeypatch.setattr(kubernetes_workloads, "SLACK", 0)
        return cluster

    return make


def objects() -> dict[str, list[Object]]:
    """A Deployment, one that an autoscaler has scaled to 5, a StatefulSet, a job on a schedule with
    a run, and one that somebody has suspended."""
    return {
        "deployment": [item("backend", spec={"replicas": 5}), item("web", spec={"replicas": 2})],
        "stateful_set": [item("files", spec={"replicas": 1})],
        "cron_job": [item("tidy"), item("paused", spec={"suspend": True})],
        "job": [
            job("tidy", "tidy-1", of_schedule=True),
            job("tidy", "tidy-0", of_schedule=True, done="Complete"),
        ],
    }


def test_what_is_stopped_comes_back_with_what_it_had(cluster: Callable[..., Cluster]) -> None:
    shop, before = cluster(**objects()), objects()
    names = [*NAMES, "paused"]
    assert STACK.running(names) == NAMES
    STACK.stop(names)
    assert [change[2] for change in shop.changes] == [
        "ai-platform-backend",
        "ai-platform-files",
        "ai-platform-tidy",
        "tidy-1",
    ]
    assert STACK.running(names) == []
    assert STACK.stopped() == NAMES
    assert shop.objects["job"][0]["spec"]["suspend"]
    STACK.start(names)
    assert STACK.stopped() == []
    for kind, items in before.items():
        for old, new in zip(items, shop.objects[kind], strict=True):
            assert {"suspend": False, **new["spec"]} == {"suspend": False, **old["spec"]}
    STACK.wait(NAMES, 0)


@pytest.mark.parametrize("change", range(1, 9))
def test_an_interruption_forgets_nothing(cluster: Callable[..., Cluster], change: int) -> None:
    shop = cluster(**objects())
    shop.dies_at = change

    def stop_and_start() -> None:
        STACK.stop(NAMES)
        STACK.start(NAMES)

    with pytest.raises(KeyboardInterrupt):
        stop_and_start()
    STACK.stop(NAMES)
    assert STACK.stopped() == NAMES
    STACK.start(NAMES)
    assert [o["spec"]["replicas"] for o in shop.objects["deployment"]] == [5, 2]
    assert STACK.running(NAMES) == NAMES


def test_a_stop_waits_until_the_pods_are_gone(cluster: Callable[..., Cluster]) -> None:
    pods = [
        item("backend", status={"phase": "Running"}, spec={"terminationGracePeriodSeconds": 0}),
        item("web", status={"phase": "Running"}),
        item("tidy", status={"phase": "Succeeded"}),
    ]
    cluster(**objects(), pod=pods)
    with pytest.raises(click.ClickException, match=r"not done after 0 s: backend\nits last lines"):
        STACK.stop(NAMES)


def test_a_pod_whose_step_keeps_failing_is_not_awaited(cluster: Callable[..., Cluster]) -> None:
    step = {"ready": False, "restartCount": 2}
    pod = item("db", status={"phase": "Pending", "initContainerStatuses": [step]})
    cluster(pod=[pod])
    with pytest.raises(click.ClickException, match=r"failed: db\nits last lines"):
        STACK.wait_running(["db"], 60)
    step["ready"] = True
    with pytest.raises(click.ClickException, match="not done after 0 s: db"):
        STACK.wait_running(["db"], 0)
    pod["status"]["phase"] = "Running"
    STACK.wait_running(["db"], 0)


def test_a_job_runs_again_as_a_copy_that_is_removed(cluster: Callable[..., Cluster]) -> None:
    left = job("schema", "ai-platform-schema-again")
    shop = cluster(job=[job("schema", "schema-a1"), left, job("tidy", "tidy", of_schedule=True)])
    assert STACK.run_again("schema", 60)
    assert [change[:2] for change in shop.changes] == [
        ("delete", "job"),
        ("create", "job"),
        ("delete", "job"),
    ]
    copy = shop.changes[1][-1]
    assert copy["metadata"]["name"] == "ai-platform-schema-again"
    assert copy["spec"] == {
        "backoffLimit": 3,
        "template": {
            "metadata": {"labels": {"app.kubernetes.io/name": "schema"}},
            "spec": {"containers": ["psql"]},
        },
    }
    assert [o["metadata"]["name"] for o in shop.objects["job"]] == ["schema-a1", "tidy"]
    for name in ("tidy", "other"):
        assert not STACK.run_again(name, 60)


def test_a_job_that_fails_stays_with_its_log(cluster: Callable[..., Cluster]) -> None:
    shop = cluster(job=[job("schema", "schema-a1")])
    shop.ends = "Failed"
    with pytest.raises(click.ClickException, match=r"failed: schema\nits last lines"):
        STACK.run_again("schema", 60)
    assert len(shop.objects["job"]) == 2


def test_a_server_needs_its_claim_and_its_workload(
    cluster: Callable[..., Cluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = item("db", status={"phase": "Bound"})
    shop = cluster(persistent_volume_claim=[claim], stateful_set=[item("db")])
    assert STACK.has("db", "db", "step")
    monkeypatch.setattr(kubernetes_workloads, "SLACK", 0.2)
    claim["status"]["phase"] = "Lost"
    assert not STACK.has("db", "db", "step")
    assert shop.changes == [("delete", "persistent_volume_claim", "ai-platform-db", None)]
    claim["metadata"]["deletionTimestamp"] = "2026-11-24T02:00:00Z"
    shop.objects["persistent_volume_claim"].append(claim)
    with pytest.raises(click.ClickException, match="ai-platform-db is being removed since more"):
        STACK.has("db", "db", "step")


def test_a_request_that_the_cluster_refuses_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ApiException(status=403, reason="Forbidden")

    monkeypatch.setattr("kubernetes.client.AppsV1Api.list_namespaced_deployment", refuse)
    with pytest.raises(click.ClickException) as error:
        STACK.running(["backend"])
    assert error.value.message == (
        "the cluster answers 403 Forbidden to the request to list deployment in the namespace shop."
    )
