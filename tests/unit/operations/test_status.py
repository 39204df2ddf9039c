"""The containers of a stack, and the table that shows their health and endpoints."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operations import docker_stack, kubernetes_stack, status
from operations.docker_stack import Instance
from tests.unit.operations.conftest import program

STARTED = "2026-11-30T11:26:56.27969014Z"


def container(
    name: str,
    workload: str,
    tier: str,
    state: str = "running",
    health: str | None = "healthy",
    restarts: int = 0,
) -> dict[str, Any]:
    """One container, as `docker container inspect` prints it."""
    labels = {
        "ai-platform.project": "ai-platform",
        "ai-platform.stack": "dev",
        "ai-platform.tier": tier,
        "ai-platform.workload": workload,
    }
    return {
        "Name": f"/ai-platform-dev-{name}",
        "Config": {"Labels": labels},
        "RestartCount": restarts,
        "State": {"Status": state, "StartedAt": STARTED}
        | ({"Health": {"Status": health}} if health else {}),
    }


def job(name: str, workload: str, code: int) -> dict[str, Any]:
    """The container of a job's attempt that exited with this code."""
    attempt = container(name, workload, "data", state="exited", health=None)
    attempt["Config"]["Labels"]["ai-platform.run"] = "1"
    attempt["State"]["ExitCode"] = code
    return attempt


STACK = [
    container("gateway", "gateway", "web"),
    container("gateway-exporter", "gateway", "web", health=None),
    container("backend-2", "backend", "api"),
    container("backend", "backend", "api"),
    container("alertmanager", "alertmanager", "observability"),
    container("alertmanager-gateway", "alertmanager-gateway", "observability"),
    container("prometheus-gateway", "prometheus-gateway", "observability"),
    container("postgres", "postgres", "data", health="unhealthy"),
    container("redis", "redis", "cache", state="exited", restarts=1),
    # A job that succeeded in its second attempt, and a job that failed.
    job("schema", "schema", code=137),
    job("schema-try-2", "schema", code=0),
    job("import", "import", code=1),
]
PREFIX = "ai-platform-dev-"
ENDPOINTS = {
    "web": "http://127.0.0.1:8080",
    "backend": "http://127.0.0.1:8000",
    "alertmanager": "http://127.0.0.1:9093",
    "prometheus": "http://127.0.0.1:9090",
    "grafana": None,
}


@pytest.fixture
def instances(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[Instance]:
    (machine / "containers.json").write_text(json.dumps(STACK))
    calls = program(
        machine,
        "docker",
        f'case "$2" in ls) echo "a b";; inspect) cat "{machine}/containers.json";; esac',
    )
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    instances = docker_stack.containers("dev")
    filters = "--filter=label=ai-platform.project=ai-platform --filter=label=ai-platform.stack=dev"
    assert calls.read_text().splitlines() == [
        f"container ls --quiet --all {filters}",
        "container inspect a b",
    ]
    return instances


def rows(instances: list[Instance]) -> list[list[str]]:
    table = status.table(instances, ENDPOINTS, PREFIX)
    return [list(row) for row in zip(*(column.cells for column in table.columns), strict=True)]


def test_containers_are_sorted_by_tier_and_name(instances: list[Instance]) -> None:
    assert [instance.name.removeprefix(PREFIX) for instance in instances] == [
        "backend",
        "backend-2",
        "redis",
        "import",
        "postgres",
        "alertmanager",
        "alertmanager-gateway",
        "prometheus-gateway",
        "gateway",
        "gateway-exporter",
    ]


def test_a_running_container_without_a_failed_health_check_is_healthy(
    instances: list[Instance],
) -> None:
    unhealthy = [instance.workload for instance in instances if not instance.healthy]
    assert unhealthy == ["redis", "import", "postgres"]


@pytest.mark.parametrize("health", ["starting", "unhealthy"])
def test_a_container_that_is_starting_or_unhealthy_is_not_healthy(health: str) -> None:
    instance = Instance(name="a", workload="a", tier="api", state="running", health=health)
    assert not instance.healthy


@pytest.mark.parametrize(
    ("restarts", "minutes", "well"), [(2, 1, True), (3, 1, False), (3, 11, True), (57, 9, False)]
)
def test_a_container_that_restarted_several_times_and_lately_is_not_healthy(
    restarts: int, minutes: int, well: bool
) -> None:
    """Between two restarts it may be healthy for a while."""
    instance = Instance(
        name="a",
        workload="a",
        tier="api",
        state="running",
        health="healthy",
        restarts=restarts,
        started=datetime.now(UTC) - timedelta(minutes=minutes),
    )
    assert instance.healthy is well
    health = "[green]healthy" if well else "[red]keeps restarting"
    colour = "green" if well else "red"
    assert rows([instance])[0][2] == f"{health}, {restarts} restarts[/{colour}]"


def test_the_engine_says_how_often_and_when_a_container_started(
    instances: list[Instance],
) -> None:
    (redis,) = (instance for instance in instances if instance.workload == "redis")
    assert redis.restarts == 1
    assert redis.started == datetime(2026, 11, 30, 11, 26, 56, tzinfo=UTC)


def test_the_table_shows_the_health_and_the_endpoint_of_each_service(
    instances: list[Instance],
) -> None:
    assert rows(instances) == [
        ["api", "backend", "[green]healthy[/green]", "http://127.0.0.1:8000"],
        ["api", "backend-2", "[green]healthy[/green]", ""],
        ["cache", "redis", "[red]exited, 1 restart[/red]", ""],
        ["data", "import", "[red]exited[/red]", ""],
        ["data", "postgres", "[red]unhealthy[/red]", ""],
        ["observability", "alertmanager", "[green]healthy[/green]", ""],
        [
            "observability",
            "alertmanager-gateway",
            "[green]healthy[/green]",
            "http://127.0.0.1:9093",
        ],
        [
            "observability",
            "prometheus-gateway",
            "[green]healthy[/green]",
            "http://127.0.0.1:9090",
        ],
        ["web", "gateway", "[green]healthy[/green]", "http://127.0.0.1:8080"],
        ["web", "gateway-exporter", "[green]running, no check[/green]", ""],
    ]


def test_a_row_fits_on_one_line_of_80_columns(
    instances: list[Instance],
) -> None:
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(status.table(instances, ENDPOINTS, PREFIX))
    lines = captured.get().splitlines()
    assert len(lines) == 1 + len(instances)
    assert lines[5].split() == ["data", "postgres", "unhealthy"]


def test_a_stack_without_containers_is_reported_as_not_running(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(machine, "docker", "")
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    assert status.status("dev") is False
    assert "The stack dev is not running. make up STACK=dev starts it." in capsys.readouterr().out


def test_the_report_says_on_which_cluster_a_stack_is_not_running(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The context may be that of another cluster."""
    monkeypatch.setattr(kubernetes_stack, "pods", lambda *_: [])
    monkeypatch.setattr(kubernetes_stack, "context", lambda *_: "acme-eu")
    assert status.status("prod") is False
    assert "not running on the cluster of the context acme-eu." in capsys.readouterr().out


def test_the_first_verb_for_a_stack_on_this_machine_may_be_status(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Plain `pulumi`, or another machine, has deployed it."""
    (machine / "containers.json").write_text(json.dumps(STACK[:1]))
    inspect = f'case "$2" in ls) echo a;; inspect) cat "{machine}/containers.json";; esac'
    program(machine, "docker", inspect)
    endpoints = json.dumps({"endpoints": ENDPOINTS})
    program(machine, "pulumi", f"cd \"$2\" && echo '{endpoints}'")
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    assert status.status("dev")
    assert "http://127.0.0.1:8080" in capsys.readouterr().out
