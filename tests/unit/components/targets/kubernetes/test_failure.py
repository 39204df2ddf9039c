"""Reports about a workload that did not start."""

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


def test_the_report_of_a_missing_image_has_the_kubelets_message() -> None:
    waiting = state(("ImagePullBackOff", 'Back-off pulling image "acme/backend:9"'))
    assert reports_of(Core(pod(status(now=waiting), phase="Pending"))) == [
        "backend-1 is Pending and not ready\n"
        '  backend waits: ImagePullBackOff: Back-off pulling image "acme/backend:9"'
    ]


def test_the_report_of_a_crashing_container_has_its_exit_code_and_last_log() -> None:
    core = Core(pod(status(now=state(("CrashLoopBackOff", None)), ended=("Error", 1), restarts=3)))
    assert reports_of(core) == [
        "backend-1 is Running and not ready\n"
        "  backend waits: CrashLoopBackOff\n"
        "  backend ended before: Error, exit code 1\n"
        "  last log lines (kubectl logs -n acme backend-1 -c backend):\n"
        "    starting\n"
        "    no such table"
    ]
    # The log of the run that failed, because the next one has not begun.
    assert core.questions[-1]["previous"] is True


def test_the_report_of_a_container_that_is_not_ready_has_its_current_log() -> None:
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


def test_the_report_of_an_unschedulable_pod_has_the_schedulers_message() -> None:
    unschedulable = SimpleNamespace(
        type="PodScheduled",
        status="False",
        reason="Unschedulable",
        message="0/3 nodes are available: 3 Insufficient memory.",
    )
    # Two conditions contain the containers' readiness, so a reason may appear twice.
    assert reports_of(Core(pod(phase="Pending", conditions=[unschedulable, unschedulable]))) == [
        "backend-1 is Pending and not ready\n"
        "  Unschedulable: 0/3 nodes are available: 3 Insufficient memory."
    ]


def test_the_report_includes_init_containers() -> None:
    first = [status("backend-compose", state(("CreateContainerConfigError", "no secret vault")))]
    (report,) = reports_of(Core(pod(phase="Pending", first=first)))
    assert "  backend-compose waits: CreateContainerConfigError: no secret vault" in report


def test_the_report_of_a_failing_probe_has_its_event() -> None:
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


def test_the_report_of_a_waiting_pod_has_each_warning_once() -> None:
    core = missing_secret()
    assert reports_of(core) == [
        "backend-1 is Pending and not ready\n"
        '  FailedMount: secret "vault" not found\n'
        "  backend waits: ContainerCreating"
    ]
    assert core.questions[-1]["field_selector"] == "involvedObject.name=backend-1,type=Warning"


def test_the_report_says_why_it_has_no_warnings() -> None:
    core = missing_secret()
    core.refuses = ApiException(status=403, reason="Forbidden")
    (report,) = reports_of(core)
    assert "  no events: Forbidden" in report


def test_the_report_of_a_failed_job_has_its_exit_code_and_log() -> None:
    core = Core(pod(status(now=state(ended=("Error", 3))), phase="Failed"))
    assert reports_of(core) == [
        "backend-1 is Failed and not ready\n"
        "  backend ended: Error, exit code 3\n"
        "  last log lines (kubectl logs -n acme backend-1 -c backend):\n"
        "    starting\n"
        "    no such table"
    ]
    assert core.questions[-1]["previous"] is False


def test_the_report_includes_only_containers_that_are_not_ready() -> None:
    core = Core(pod(status(ready=True), status("backend-exporter", state(("ErrImagePull", None)))))
    (report,) = reports_of(core)
    assert report.splitlines()[1:] == ["  backend-exporter waits: ErrImagePull"]


def test_there_is_no_report_of_pods_that_are_ready_or_done() -> None:
    core = Core(
        pod(status(ready=True), ready=True),
        pod(phase="Succeeded", name="job-1"),
        pod(status(), name="backend-2"),
    )
    assert [report.partition(" ")[0] for report in reports_of(core)] == ["backend-2"]


def test_the_report_says_if_the_cluster_created_no_pod() -> None:
    (report,) = reports_of(Core())
    assert report.startswith("the cluster created no pod; ")


def test_reports_select_only_the_workloads_own_pods() -> None:
    core = Core()
    reports_of(core)
    (question,) = core.questions
    assert question["namespace"] == "acme"
    assert question["label_selector"] == (
        "app.kubernetes.io/name=backend,app.kubernetes.io/instance=prod"
    )


def test_the_report_says_why_it_has_no_log() -> None:
    core = Core(pod(status()))
    core.refuses = ApiException(status=403, reason="Forbidden")
    (report,) = reports_of(core)
    assert report.endswith("    no log: Forbidden")


def test_the_report_says_if_a_container_ran_out_of_memory() -> None:
    killed = status(ended=("OOMKilled", 137), restarts=2)
    assert list(summary(killed)) == [
        "  backend runs and is not ready; restarted 2 times",
        "  backend ended before: OOMKilled, exit code 137",
    ]


def hooked(core: Core, inputs: dict[str, Any]) -> list[str]:
    """What the hook logs after a resource with these inputs failed."""
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


def test_a_preview_has_no_hook() -> None:
    assert explain(None, "acme") is None


@pytest.mark.parametrize(
    "inputs",
    [
        {"spec": {"selector": {"matchLabels": LABELS}}},
        {"metadata": {"labels": LABELS}, "spec": {}},
    ],
    ids=["a workload", "a job"],
)
def test_the_hook_logs_a_report_and_requests_no_retry(
    inputs: dict[str, Any],
) -> None:
    core = Core(pod(status(now=state(("ErrImagePull", None)))))
    logged = hooked(core, inputs)
    assert logged == ["backend-1 is Running and not ready\n  backend waits: ErrImagePull"]
    assert core.questions[0]["label_selector"].startswith("app.kubernetes.io/name=backend")


def test_an_unreachable_cluster_does_not_hide_the_failure() -> None:
    core = Core()
    with patch.object(core, "list_namespaced_pod", side_effect=OSError("connection refused")):
        logged = hooked(core, {"metadata": {"labels": LABELS}})
    assert logged == ["the cluster did not report the reason: connection refused"]
