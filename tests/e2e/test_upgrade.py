"""A stack moves from PostgreSQL 15 to 17, and back, on the real engine."""

from collections.abc import Iterator
from typing import Any

import pytest

from airgap import images
from operations import database_server, docker_stack, stack_file
from operations.upgrade import stack as stacks
from operations.upgrade.verb import move
from tests.e2e.stack import Stack, eventually, output_of, temporary_stack
from tests.e2e.test_life import decide

SEVENTEEN: dict[str, Any] = {"data": {"version": 17}}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with temporary_stack("e2e-upgrade") as stack:
        if stack.settings["images"].get("catalogue") == "debian":
            images.ensure_variants(print, ["postgres-17"])
        yield stack


def upgrade(stack: Stack, changes: dict[str, Any]) -> None:
    """What the verb does, without the preparation of this machine."""
    stack.write(changes)
    adopt = stack.workspace.prepare()
    move(stacks.of(stack.workspace, stack_file.open_stack(stack.workspace)), yes=True, adopt=adopt)


def sql(stack: Stack, query: str) -> list[list[str]]:
    settings = stack_file.open_stack(stack.workspace)
    return database_server.of(stack.workspace, settings).rows(query, "platform")


def volumes(stack: Stack) -> list[str]:
    return [name for name in docker_stack.volumes(stack.name) if "-postgres" in name]


def test_a_stack_moves_to_another_major_version_and_back(stack: Stack) -> None:
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    decision = decide(stack)
    sql(stack, "CREATE TABLE public.own AS SELECT generate_series(1, 1000) AS n")
    sql(stack, "ALTER DATABASE platform SET work_mem = '3MB'")

    refused = stack.up(**SEVENTEEN)
    assert refused.returncode != 0
    assert f"make upgrade-database STACK={stack.name} TO=17" in output_of(refused)

    upgrade(stack, SEVENTEEN)
    assert sql(stack, "SHOW server_version_num")[0][0].startswith("17")
    assert sql(stack, "SELECT count(*), sum(n) FROM public.own") == [["1000", "500500"]]
    assert sql(stack, "SHOW work_mem") == [["3MB"]]
    with stack.client("web") as web:
        answer = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
        assert answer.json() == decision
    decide(stack)
    assert [c.name for c in docker_stack.containers(stack.name) if not c.healthy] == []
    prefix = f"ai-platform-{stack.name}-postgres"
    assert volumes(stack) == [prefix, f"{prefix}-17"]
    assert stack.pulumi("preview", "--expect-no-changes", **SEVENTEEN).returncode == 0

    upgrade(stack, {})
    assert sql(stack, "SHOW server_version_num")[0][0].startswith("15")
    assert sql(stack, "SELECT count(*) FROM public.decisions") == [["1"]]
    assert volumes(stack) == [prefix, f"{prefix}-17"]
    assert stack.pulumi("preview", "--expect-no-changes").returncode == 0
