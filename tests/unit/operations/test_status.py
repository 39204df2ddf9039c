"""What runs, read from the engine, and the table that shows it."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operations import engine, status
from tests.unit.operations.conftest import program


def inspected(
    name: str, workload: str, tier: str, state: str = "running", health: str | None = "healthy"
) -> dict[str, Any]:
    """One container, as `docker container inspect` says it."""
    labels = {
        "ai-platform.project": "ai-platform",
        "ai-platform.stack": "dev",
        "ai-platform.tier": tier,
        "ai-platform.workload": workload,
    }
    return {
        "Name": f"/ai-platform-dev-{name}",
        "Config": {"Labels": labels},
        "State": {"Status": state} | ({"Health": {"Status": health}} if health else {}),
    }


def job(name: str, workload: str, code: int) -> dict[str, Any]:
    """The container of a try that has ended with an exit code."""
    found = inspected(name, workload, "data", state="exited", health=None)
    found["Config"]["Labels"]["ai-platform.run"] = "1"
    found["State"]["ExitCode"] = code
    return found


STACK = [
    inspected("frontend", "frontend", "web"),
    inspected("frontend-exporter", "frontend", "web", health=None),
    inspected("backend-2", "backend", "api"),
    inspected("backend", "backend", "api"),
    inspected("alertmanager", "alertmanager", "observability"),
    inspected("alertmanager-gateway", "alertmanager-gateway", "observability"),
    inspected("postgres", "postgres", "data", health="unhealthy"),
    inspected("redis", "redis", "cache", state="exited"),
    # A job that is done, though not in its first try, and one that failed.
    job("schema", "schema", code=137),
    job("schema-try-2", "schema", code=0),
    job("import", "import", code=1),
]
PREFIX = "ai-platform-dev-"
ENDPOINTS = {
    "web": "http://127.0.0.1:8080",
    "backend": "http://127.0.0.1:8000",
    "alertmanager": "http://127.0.0.1:9093",
    "grafana": None,
}


@pytest.fixture
def running(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[engine.Running]:
    (machine / "inspected").write_text(json.dumps(STACK))
    asked = program(
        machine,
        "docker",
        f'case "$2" in ls) echo "a b";; inspect) cat "{machine}/inspected";; esac',
    )
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    found = engine.containers("dev")
    own = "--filter=label=ai-platform.project=ai-platform --filter=label=ai-platform.stack=dev"
    assert asked.read_text().splitlines() == [
        f"container ls --quiet --all {own}",
        "container inspect a b",
    ]
    return found


def rows(running: list[engine.Running]) -> list[list[str]]:
    table = status.table(running, ENDPOINTS, PREFIX)
    return [list(row) for row in zip(*(column.cells for column in table.columns), strict=True)]


def test_containers_come_by_tier_and_name(running: list[engine.Running]) -> None:
    assert [each.name.removeprefix("ai-platform-dev-") for each in running] == [
        "backend",
        "backend-2",
        "redis",
        "import",
        "postgres",
        "alertmanager",
        "alertmanager-gateway",
        "frontend",
        "frontend-exporter",
    ]


def test_well_is_what_runs_and_does_not_say_otherwise(running: list[engine.Running]) -> None:
    ill = [each.workload for each in running if not each.well]
    assert ill == ["redis", "import", "postgres"]


@pytest.mark.parametrize("health", ["starting", "unhealthy"])
def test_what_is_not_healthy_yet_is_not_well(health: str) -> None:
    each = engine.Running(name="a", workload="a", tier="api", state="running", health=health)
    assert not each.well


def test_each_service_is_shown_with_its_health_and_its_endpoint(
    running: list[engine.Running],
) -> None:
    assert rows(running) == [
        ["api", "backend", "[green]healthy[/green]", "http://127.0.0.1:8000"],
        ["api", "backend-2", "[green]healthy[/green]", ""],
        ["cache", "redis", "[red]exited[/red]", ""],
        ["data", "import", "[red]exited[/red]", ""],
        ["data", "postgres", "[red]unhealthy[/red]", ""],
        ["observability", "alertmanager", "[green]healthy[/green]", ""],
        [
            "observability",
            "alertmanager-gateway",
            "[green]healthy[/green]",
            "http://127.0.0.1:9093",
        ],
        ["web", "frontend", "[green]healthy[/green]", "http://127.0.0.1:8080"],
        ["web", "frontend-exporter", "[green]running, no check[/green]", ""],
    ]


def test_a_row_is_one_line_where_there_are_80_columns_and_no_colour(
    running: list[engine.Running],
) -> None:
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(status.table(running, ENDPOINTS, PREFIX))
    lines = captured.get().splitlines()
    assert len(lines) == 1 + len(running)
    assert lines[5].split() == ["data", "postgres", "unhealthy"]


def test_a_stack_of_which_nothing_runs_is_not_well(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(machine, "docker", "")
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    assert status.status("dev") is False
    assert "Nothing of the stack dev runs. make up STACK=dev starts it." in capsys.readouterr().out
