"""The verbs that list and remove databases."""

from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from operations import database_server, databases, docker_stack, kubernetes_stack
from operations.__main__ import main
from operations.database_server import DatabaseServer
from operations.workspace import Workspace
from tests.unit.describing import KUBERNETES, settings

STACK = """\
config:
  ai-platform:target: docker
  ai-platform:api:
    services:
      sales-eu: {image: acme/sales:1, database: {}}
      charts: {image: acme/charts:1, database: {shared: read-only}}
"""
ROWS = [
    ["platform", "platform_owner", "8 MB", "7"],
    ["reports", "reports_owner", "9 MB", "0"],
    ["sales_eu", "sales_eu_owner", "7 MB", "5"],
    ["busy", "busy_owner", "7 MB", "2"],
]


class Server(DatabaseServer):
    """A server with these databases; `dropped` are the names that were removed."""

    def rows(
        self, sql: str, database: str = "postgres", variables: Mapping[str, str] | None = None
    ) -> list[list[str]]:
        if "DROP DATABASE" in sql:
            dropped.append((variables or {})["database"])
            return []
        return ROWS


dropped: list[str] = []


@pytest.fixture(autouse=True)
def _stack(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = machine / "Pulumi.dev.yaml"
    config.write_text(STACK)
    workspace = Workspace(stack="dev", config=config, data=machine, program=machine)
    monkeypatch.setattr(Workspace, "of", lambda stack: workspace)
    monkeypatch.setattr(
        database_server,
        "of",
        lambda workspace, settings: Server(inside=None),  # type: ignore[arg-type]
    )
    dropped.clear()


def drop(name: str, typed: str = "", *options: str) -> tuple[int, str]:
    arguments = ["drop-database", f"--database={name}", *options]
    result = CliRunner().invoke(main, arguments, input=typed)
    return result.exit_code, " ".join(result.output.split())


def test_each_database_is_listed_with_its_service(capsys: pytest.CaptureFixture[str]) -> None:
    databases.databases("dev")
    output = capsys.readouterr().out
    rows = [line.split("  ") for line in output.splitlines()[1:5]]
    assert [[word.strip() for word in row if word.strip()] for row in rows] == [
        ["platform", "the platform's own", "8 MB", "platform_owner", "7"],
        ["reports", "no service", "9 MB", "reports_owner", "0"],
        ["sales_eu", "sales-eu", "7 MB", "sales_eu_owner", "5"],
        ["busy", "no service", "7 MB", "busy_owner", "2"],
    ]
    assert "make drop-database STACK=dev DATABASE=NAME" in output


def test_a_database_without_a_service_is_removed_after_its_name_was_typed() -> None:
    code, output = drop("reports", "reports\n")
    assert code == 0
    assert "removes the database reports (9 MB, owner reports_owner) of the stack dev" in output
    assert dropped == ["reports"]


def test_another_name_removes_nothing() -> None:
    assert drop("reports", "yes\n")[0] == 1
    assert drop("reports", "")[0] == 1
    assert dropped == []


def test_a_machine_confirms_with_an_option() -> None:
    assert drop("reports", "", "--yes")[0] == 0
    assert dropped == ["reports"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("platform", "belongs to the platform"),
        ("postgres", "belongs to the platform"),
        ("template1", "belongs to the platform"),
        ("sales_eu", "the service sales-eu of the stack file uses the database sales_eu"),
        ("busy", "has 2 connections"),
        ("report", "The nearest name is reports."),
    ],
)
def test_a_database_that_something_uses_is_not_removed(name: str, reason: str) -> None:
    code, output = drop(name, f"{name}\n", "--yes")
    assert (code, dropped) == (1, [])
    assert reason in output


def test_a_call_without_a_name_is_a_wrong_call() -> None:
    code, output = drop("")
    assert code == 2
    assert "make databases STACK=dev lists them" in output


def test_a_stack_with_an_external_server_has_no_server_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    server = {"host": "db.example.com", "user": "app", "password": "given"}
    external = {"data": {"mode": "external", "external": server}}
    workspace = Workspace.of("dev")
    with pytest.raises(click.ClickException, match="does not run this stack's server"):
        database_server.of(workspace, settings(external, secret=("data",)))


@pytest.mark.parametrize(
    ("mode", "selector"),
    [
        ("builtin", None),
        ("cloudnative-pg", "cnpg.io/cluster=ai-platform-postgres,cnpg.io/instanceRole=primary"),
    ],
)
def test_the_server_is_found_on_both_targets(
    mode: str, selector: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    calls = []
    for module in (docker_stack, kubernetes_stack):
        monkeypatch.setattr(
            module, "inside", lambda *arguments, **options: calls.append((arguments, options))
        )
    workspace = Workspace.of("dev")
    cluster = settings({**KUBERNETES, "data": {"mode": mode, "backup": False}})
    database_server.of(workspace, cluster)
    database_server.of(workspace, settings({}))
    assert calls == [
        ((cluster.kubernetes, workspace, "postgres"), {"selector": selector}),
        ((workspace, "postgres"), {}),
    ]
