"""The pods and claims of a stack on a Kubernetes cluster."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import click
import pytest

from components.settings import Kubernetes
from operations import kubernetes_stack
from operations.docker_stack import Instance
from operations.inside import PodContainer
from operations.workspace import Workspace

STARTED = datetime.now(UTC)
SETTINGS = Kubernetes(namespace="shop")


def pod(
    name: str,
    *,
    phase: str = "Running",
    ready: bool = True,
    reason: str | None = None,
    restarts: int = 0,
) -> Any:
    state = SimpleNamespace(
        waiting=SimpleNamespace(reason=reason) if reason else None,
        running=None if reason else SimpleNamespace(started_at=STARTED),
    )
    container = SimpleNamespace(state=state, restart_count=restarts)
    return SimpleNamespace(
        metadata=SimpleNamespace(
            name=f"ai-platform-{name}-0",
            labels={"app.kubernetes.io/name": name, "app.kubernetes.io/component": "tier"},
            deletion_timestamp=None,
        ),
        status=SimpleNamespace(
            phase=phase,
            conditions=[SimpleNamespace(type="Ready", status=str(ready))],
            container_statuses=[container, SimpleNamespace(state=None)],
        ),
    )


def try_of(job: str, run: str, minute: int, phase: str) -> Any:
    """A pod of a job, which was created in this minute."""
    pod_of_job = pod(job, phase=phase, ready=phase == "Running")
    pod_of_job.metadata.name = f"{run}-{minute}"
    pod_of_job.metadata.labels[kubernetes_stack.JOB_NAME] = run
    pod_of_job.metadata.creation_timestamp = datetime(2026, 1, 1, 3, minute, tzinfo=UTC)
    return pod_of_job


class Core:
    """A client that records the namespace and the selector of each request."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []

    def list_namespaced_pod(self, namespace: str, **options: Any) -> Any:
        self.requests.append((namespace, options["label_selector"]))
        broken = pod("backend", ready=False, reason="ImagePullBackOff")
        looping = pod("reports", restarts=3)
        return SimpleNamespace(items=[pod("web"), broken, pod("cache", ready=False), looping])

    def list_namespaced_persistent_volume_claim(self, namespace: str, **options: Any) -> Any:
        self.requests.append((namespace, options["label_selector"]))
        names = ("ai-platform-redis", "ai-platform-postgres")
        return SimpleNamespace(
            items=[SimpleNamespace(metadata=SimpleNamespace(name=name)) for name in names]
        )


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Core:
    core = Core()
    monkeypatch.setattr(kubernetes_stack, "core_api", lambda kubernetes, workspace: core)
    return core


def test_a_pod_is_healthy_when_it_is_ready_and_otherwise_shows_the_reason(core: Core) -> None:
    instances = kubernetes_stack.pods(SETTINGS, Workspace.of("prod"))
    assert [(instance.workload, instance.health, instance.healthy) for instance in instances] == [
        ("backend", "ImagePullBackOff", False),
        ("cache", "not ready", False),
        ("reports", "healthy", False),
        ("web", "healthy", True),
    ]
    assert [(instance.restarts, instance.started) for instance in instances] == [
        (0, None),
        (0, None),
        (3, STARTED),
        (0, None),
    ]
    assert isinstance(instances[0], Instance)


def test_of_a_job_only_the_last_pod_of_a_last_run_that_failed_is_listed() -> None:
    pods = [
        try_of("release", "release-1", 2, "Succeeded"),
        try_of("release", "release-1", 1, "Failed"),
        try_of("cleanup", "cleanup-1", 1, "Succeeded"),
        try_of("cleanup", "cleanup-2", 2, "Failed"),
        try_of("cleanup", "cleanup-3", 4, "Failed"),
        try_of("cleanup", "cleanup-3", 3, "Failed"),
        try_of("report", "report-1", 1, "Failed"),
        try_of("report", "report-2", 2, "Running"),
        pod("web"),
        pod("other", phase="Succeeded"),
    ]
    assert [item.metadata.name for item in kubernetes_stack.current(pods)] == [
        "ai-platform-web-0",
        "cleanup-3-4",
        "report-2-2",
    ]


def test_the_main_container_of_a_pod_has_its_workloads_name(core: Core) -> None:
    containers = list(kubernetes_stack.main_containers(SETTINGS, Workspace.of("acme/prod")))
    assert [(item.metadata.name, container.pod) for item, container in containers] == [
        (f"ai-platform-{name}-0", f"ai-platform-{name}-0")
        for name in ("web", "backend", "cache", "reports")
    ]
    assert {container.container for _, container in containers} == {
        "web",
        "backend",
        "cache",
        "reports",
    }
    ((namespace, selector),) = core.requests
    assert namespace == "shop"
    assert selector.endswith("/instance=prod")


def test_requests_select_the_pods_and_claims_of_the_stack(core: Core) -> None:
    kubernetes_stack.pods(SETTINGS, Workspace.of("prod"))
    assert kubernetes_stack.claims(SETTINGS, Workspace.of("prod")) == [
        "ai-platform-postgres",
        "ai-platform-redis",
    ]
    selector = "app.kubernetes.io/part-of=ai-platform,app.kubernetes.io/instance=prod"
    assert core.requests == [("shop", selector)] * 2


def on_clusters(own: str, current: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack runs on its own cluster, and the context leads to the current one."""
    urn = "urn:pulumi:prod::ai-platform::kubernetes:core/v1:Namespace::shop"
    annotations = {"ai-platform/cluster": own}
    namespace = {"metadata": {"name": "shop", "annotations": annotations}}
    monkeypatch.setattr(Workspace, "write_files", lambda self: None)
    monkeypatch.setattr(Workspace, "resources", lambda self: {urn: {"outputs": namespace}})
    monkeypatch.setattr(
        kubernetes_stack, "cluster", lambda kubernetes, workspace: SimpleNamespace(uid=current)
    )


@pytest.mark.parametrize(("cluster", "rejected"), [("here", False), ("elsewhere", True)])
def test_a_stack_is_not_taken_down_with_the_context_of_another_cluster(
    cluster: str, rejected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulumi would not find the objects there, and would regard them as removed."""
    on_clusters("here", cluster, monkeypatch)
    if rejected:
        with pytest.raises(
            click.ClickException, match=r"on the cluster here, but .* leads to elsewhere"
        ):
            kubernetes_stack.expect_own_cluster(SETTINGS, Workspace.of("prod"))
    else:
        kubernetes_stack.expect_own_cluster(SETTINGS, Workspace.of("prod"))


def test_objects_are_not_adopted_beside_those_of_another_stack(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The names of the objects would be the same."""
    stacks: list[str] = []
    selectors: list[str] = []

    def listed(namespace: str, **options: Any) -> Any:
        assert namespace == "shop"
        selectors.append(options["label_selector"])
        labels = [{"app.kubernetes.io/instance": stack} for stack in stacks]
        return SimpleNamespace(
            items=[SimpleNamespace(metadata=SimpleNamespace(labels=label)) for label in labels]
        )

    core = SimpleNamespace(
        list_namespaced_service=listed,
        list_namespaced_persistent_volume_claim=listed,
        list_namespaced_config_map=listed,
    )
    monkeypatch.setattr(kubernetes_stack, "core_api", lambda kubernetes, workspace: core)
    kubernetes_stack.expect_own_objects(SETTINGS, Workspace.of("acme/prod"))
    others = "app.kubernetes.io/part-of=ai-platform,app.kubernetes.io/instance!=prod"
    assert selectors == [others] * 3
    stacks.append("staging")
    with pytest.raises(click.ClickException, match="shop has objects of the stack staging"):
        kubernetes_stack.expect_own_objects(SETTINGS, Workspace.of("acme/prod"))


def test_a_stack_that_runs_already_is_not_deployed_with_an_empty_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its objects would get new passwords, which do not open its data."""
    metadata = SimpleNamespace(name="ai-platform-postgres", deletion_timestamp=None)
    selectors: list[str] = []

    def listed(_: str, **options: Any) -> Any:
        selectors.append(options["label_selector"])
        return SimpleNamespace(items=[SimpleNamespace(metadata=metadata)])

    def empty(_: str, **__: Any) -> Any:
        return SimpleNamespace(items=[])

    core = SimpleNamespace(
        list_namespaced_service=empty,
        list_namespaced_persistent_volume_claim=listed,
        list_namespaced_config_map=empty,
    )
    monkeypatch.setattr(kubernetes_stack, "core_api", lambda kubernetes, workspace: core)
    with pytest.raises(
        click.ClickException, match=r"already has objects .* ai-platform-postgres, but"
    ):
        kubernetes_stack.expect_new_stack(SETTINGS, Workspace.of("acme/prod"))
    metadata.deletion_timestamp = STARTED
    kubernetes_stack.expect_new_stack(SETTINGS, Workspace.of("acme/prod"))
    own = "app.kubernetes.io/part-of=ai-platform,app.kubernetes.io/instance=prod"
    assert selectors == [own] * 2


def test_commands_run_in_a_running_pod_of_a_workload_or_of_an_operator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    selectors: list[str] = []

    class Running:
        def list_namespaced_pod(self, namespace: str, **options: Any) -> Any:
            assert options["field_selector"] == "status.phase=Running"
            selectors.append(options["label_selector"])
            return SimpleNamespace(items=[] if "none" in selectors[-1] else [pod("b"), pod("a")])

    core = Running()
    on_clusters("here", "here", monkeypatch)
    monkeypatch.setattr(kubernetes_stack, "core_api", lambda kubernetes, workspace: core)
    workspace = Workspace.of("prod")
    container = PodContainer(
        core=core, namespace="shop", pod="ai-platform-a-0", container="postgres"
    )
    assert kubernetes_stack.inside(SETTINGS, workspace, "postgres") == container
    assert kubernetes_stack.inside(SETTINGS, workspace, "postgres", "role=primary") == container
    assert selectors == [
        "app.kubernetes.io/part-of=ai-platform,app.kubernetes.io/instance=prod,"
        "app.kubernetes.io/name=postgres",
        "role=primary",
    ]
    with pytest.raises(click.ClickException, match="make up STACK=prod starts it"):
        kubernetes_stack.inside(SETTINGS, workspace, "none")


def test_no_command_runs_on_another_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack of the same name may run there, and `make drop-database` would remove its data."""
    on_clusters("here", "elsewhere", monkeypatch)
    with pytest.raises(click.ClickException, match=r"on the cluster here, but .* to elsewhere"):
        kubernetes_stack.inside(SETTINGS, Workspace.of("prod"), "postgres")
