"""Why a workload did not come up, from what the cluster knows of its pods."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pulumi
import pytest
from kubernetes.client import ApiException

from components.targets.kubernetes.failure import LAST_LINES, explain, reports, summary

LABELS = {"app.kubernetes.io/name": "backend", "app.kubernetes.io/instance": "prod"}


def state(
    waiting: tuple[str, str | None] | None = None,
    running: bool = False,
    ended: tuple[str, int] | None = None,
) -> SimpleNamespace:
    reason = SimpleNamespace(reason=waiting[0], message=waiting[1]) if waiting else None
    return SimpleNamespace(
        waiting=reason,
        running=SimpleNamespace() if running else None,
        terminated=SimpleNamespace(reason=ended[0], exit_code=ended[1]) if ended else None,
    )


def status(
    name: str = "backend",
    now: SimpleNamespace | None = None,
    ended: tuple[str, int] | None = None,
    ready: bool = False,
    restarts: int = 0,
) -> SimpleNamespace:
    last = SimpleNamespace(reason=ended[0], exit_code=ended[1]) if ended else None
    return SimpleNamespace(
        name=name,
        state=now or state(running=True),
        last_state=SimpleNamespace(terminated=last),
        ready=ready,
        restart_count=restarts,
    )


def pod(*statuses: SimpleNamespace, **fields: Any) -> SimpleNamespace:
    ready = fields.get("ready", False)
    conditions = [
        SimpleNamespace(type="Ready", status="True" if ready else "False", reason="", message=""),
        *fields.get("conditions", []),
    ]
    return SimpleNamespace(
        metadata=SimpleNamespace(name=fields.get("name", "backend-1")),
        status=SimpleNamespace(
            phase=fields.get("phase", "Running"),
            conditions=conditions,
            init_container_statuses=fields.get("first"),
            container_statuses=list(statuses) or None,
        ),
    )


class Core:
    """A cluster's API with these pods, and with two lines of log for each container."""

    def __init__(self, *pods: SimpleNamespace) -> None:
        self.pods = list(pods)
        self.questions: list[dict[str, Any]] = []
        self.refuses: ApiException | None = None
        self.events: list[SimpleNamespace] = []

    def list_namespaced_pod(self, namespace: str, **fields: Any) -> SimpleNamespace:
        self.questions.append({"namespace": namespace} | fields)
        return SimpleNamespace(items=self.pods)

    def read_namespaced_pod_log(self, name: str, namespace: str, **fields: Any) -> str:
        self.questions.append({"log": name, "namespace": namespace} | fields)
        if self.refuses:
            raise self.refuses
        return "starting\nno such table"

    def list_namespaced_event(self, namespace: str, **fields: Any) -> SimpleNamespace:
        self.questions.append({"events": namespace} | fields)
        if self.refuses:
            raise self.refuses
        return SimpleNamespace(items=self.events)


def reports_of(core: Core) -> list[str]:
    with patch("kubernetes.client.CoreV1Api", lambda client: client):
        return list(reports(core, "acme", LABELS))


def test_an_image_that_is_not_to_be_had_is_explained_by_the_kubelet() -> None:
    waiting = state(("ImagePullBackOff", 'Back-off pulling image "acme/backend:9"'))
    assert reports_of(Core(pod(status(now=waiting), phase="Pending"))) == [
        "backend-1 is Pending and not ready\n"
        '  backend waits: ImagePullBackOff: Back-off pulling image "acme/backend:9"'
    ]


def test_a_container_that_keeps_ending_is_explained_by_how_it_ended_and_its_last_words() -> None:
    core = Core(pod(status(now=state(("CrashLoopBackOff", None)), ended=("Error", 1), restarts=3)))
    assert reports_of(core) == [
        "backend-1 is Running and not ready\n"
        "  backend waits: CrashLoopBackOff\n"
        "  backend ended before: Error, exit code 1\n"
        "  last log lines (kubectl logs -n acme backend-1 -c backend):\n"
        "    starting\n"
        "    no such table"
    ]
    # The run that failed: the present one has not begun.
    assert core.questions[-1]["previous"] is True


def test_a_container_that_never_gets_ready_is_explained_by_its_present_log() -> None:
    core = Core(pod(status(restarts=0)))
    assert reports_of(core) == [
        "backend-1 is Running and not ready\n"
        "  backend runs and is not ready; restarted 0 times\n"
        "  last log lines (kubectl logs -n acme backend-1 -c backend):\n"
        "    starting\n"
        "    no such table"
    ]
    assert core.questions[-1]["previous"] is False
    assert core.questions[-1]["tail_lines"] == LAST_LINES


def test_a_pod_that_no_node_takes_is_explained_by_the_scheduler() -> None:
    unschedulable = SimpleNamespace(
        type="PodScheduled",
        status="False",
        reason="Unschedulable",
        message="0/3 nodes are available: 3 Insufficient memory.",
    )
    # As the containers' readiness is in two conditions, a reason may stand there twice.
    assert reports_of(Core(pod(phase="Pending", conditions=[unschedulable, unschedulable]))) == [
        "backend-1 is Pending and not ready\n"
        "  Unschedulable: 0/3 nodes are available: 3 Insufficient memory."
    ]


def test_what_prepares_a_pod_is_explained_too() -> None:
    first = [status("backend-compose", state(("CreateContainerConfigError", "no secret vault")))]
    (report,) = reports_of(Core(pod(phase="Pending", first=first)))
    assert "  backend-compose waits: CreateContainerConfigError: no secret vault" in report


def test_a_probe_that_fails_is_explained_by_what_it_saw() -> None:
    core = Core(pod(status()))
    message = "Readiness probe failed: HTTP probe failed with statuscode: 404"
    core.events = [SimpleNamespace(reason="Unhealthy", message=message)]
    (report,) = reports_of(core)
    assert f"  Unhealthy: {message}" in report.splitlines()


def missing_secret() -> Core:
    core = Core(pod(status(now=state(("ContainerCreating", None))), phase="Pending"))
    warning = SimpleNamespace(reason="FailedMount", message='secret "vault" not found')
    core.events = [warning, warning]
    return core


def test_a_pod_that_lacks_something_is_explained_by_its_warnings_each_once() -> None:
    core = missing_secret()
    assert reports_of(core) == [
        "backend-1 is Pending and not ready\n"
        '  FailedMount: secret "vault" not found\n'
        "  backend waits: ContainerCreating"
    ]
    assert core.questions[-1]["field_selector"] == "involvedObject.name=backend-1,type=Warning"


def test_warnings_that_are_not_to_be_had_say_why() -> None:
    core = missing_secret()
    core.refuses = ApiException(status=403, reason="Forbidden")
    (report,) = reports_of(core)
    assert "  no events: Forbidden" in report


def test_a_job_that_failed_is_explained_by_its_exit_code_and_its_log() -> None:
    core = Core(pod(status(now=state(ended=("Error", 3))), phase="Failed"))
    assert reports_of(core) == [
        "backend-1 is Failed and not ready\n"
        "  backend ended: Error, exit code 3\n"
        "  last log lines (kubectl logs -n acme backend-1 -c backend):\n"
        "    starting\n"
        "    no such table"
    ]
    assert core.questions[-1]["previous"] is False


def test_only_the_container_that_is_not_ready_is_explained() -> None:
    core = Core(pod(status(ready=True), status("backend-exporter", state(("ErrImagePull", None)))))
    (report,) = reports_of(core)
    assert report.splitlines()[1:] == ["  backend-exporter waits: ErrImagePull"]


def test_pods_that_are_ready_or_done_are_not_mentioned() -> None:
    core = Core(
        pod(status(ready=True), ready=True),
        pod(phase="Succeeded", name="job-1"),
        pod(status(), name="backend-2"),
    )
    assert [report.partition(" ")[0] for report in reports_of(core)] == ["backend-2"]


def test_a_workload_whose_pods_were_refused_is_said_to_have_none() -> None:
    (report,) = reports_of(Core())
    assert report.startswith("the cluster created no pod; ")


def test_only_the_workloads_own_pods_are_asked_for() -> None:
    core = Core()
    reports_of(core)
    (question,) = core.questions
    assert question["namespace"] == "acme"
    assert question["label_selector"] == (
        "app.kubernetes.io/name=backend,app.kubernetes.io/instance=prod"
    )


def test_a_log_that_is_not_to_be_had_says_why() -> None:
    core = Core(pod(status()))
    core.refuses = ApiException(status=403, reason="Forbidden")
    (report,) = reports_of(core)
    assert report.endswith("    no log: Forbidden")


def test_a_container_that_ran_out_of_memory_says_so() -> None:
    killed = status(ended=("OOMKilled", 137), restarts=2)
    assert list(summary(killed)) == [
        "  backend runs and is not ready; restarted 2 times",
        "  backend ended before: OOMKilled, exit code 137",
    ]


def hooked(core: Core, inputs: dict[str, Any]) -> list[str]:
    """What the hook logs of a resource with these inputs that failed."""
    logged: list[str] = []
    with (
        patch("kubernetes.client.CoreV1Api", lambda client: client),
        patch("pulumi.ErrorHook", lambda name, hook: hook),
        patch("pulumi.log.error", logged.append),
    ):
        bound = explain(core, "acme")
        assert isinstance(bound, pulumi.ResourceHookBinding)
        assert bound.on_error is not None
        (hook,) = bound.on_error
        assert hook(SimpleNamespace(new_inputs=inputs)) is False  # type: ignore[arg-type]
    return logged


def test_a_preview_has_nobody_to_ask() -> None:
    assert explain(None, "acme") is None


@pytest.mark.parametrize(
    "inputs",
    [
        {"spec": {"selector": {"matchLabels": LABELS}}},
        {"metadata": {"labels": LABELS}, "spec": {}},
    ],
    ids=["a workload", "a job"],
)
def test_the_hook_logs_a_report_of_what_failed_and_asks_for_no_retry(
    inputs: dict[str, Any],
) -> None:
    core = Core(pod(status(now=state(("ErrImagePull", None)))))
    logged = hooked(core, inputs)
    assert logged == ["backend-1 is Running and not ready\n  backend waits: ErrImagePull"]
    assert core.questions[0]["label_selector"].startswith("app.kubernetes.io/name=backend")


def test_a_cluster_that_is_gone_does_not_hide_what_failed() -> None:
    core = Core()
    with patch.object(core, "list_namespaced_pod", side_effect=OSError("connection refused")):
        logged = hooked(core, {"metadata": {"labels": LABELS}})
    assert logged == ["the cluster did not report the reason: connection refused"]
