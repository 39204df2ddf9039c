"""PostgreSQL as the program describes it: its size, its schema, and how long decisions are kept."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.data import builtin, cloudnative_pg, retention, schema
from components.text import Text
from tests.e2e.contracts import program
from tests.e2e.contracts.engine import Container
from tests.unit.describing import catalogue, settings

SMALLEST = {"memory": "80Mi", "max_connections": 20, "size": "1Gi"}
LARGE = {"memory": "8Gi", "max_connections": 1000, "size": "2Ti"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Container:
    return start(SMALLEST, tmp_path_factory.mktemp("server"))


def start(data: dict[str, Any], folder: Path) -> Container:
    server = program.start(folder, data)
    server.until(lambda: program.ready(server))
    return server


def shown(server: Container, data: dict[str, Any]) -> None:
    """The server runs with what the program computed for it."""
    parameters = builtin.parameters(settings({"data": data}))
    for name, value in parameters.items():
        query = f"SELECT pg_size_bytes(current_setting('{name}')) = pg_size_bytes('{value}')"
        if not value.endswith("MB"):
            query = f"SELECT current_setting('{name}') = '{value}'"
        assert program.sql(server, query) == ["t"], name


def test_the_smallest_server_starts_with_the_parameters_of_its_size(server: Container) -> None:
    shown(server, SMALLEST)


def test_a_large_server_starts_with_the_parameters_of_its_size(tmp_path: Path) -> None:
    shown(start(LARGE, tmp_path), LARGE)


def test_a_change_of_the_schema_reaches_a_server_that_has_data(
    server: Container, tmp_path: Path
) -> None:
    """The server is older than the index and has a table without one of its columns."""
    columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'decisions'"
    (before,) = program.sql(server, columns)
    program.sql(server, "DROP INDEX decisions_newest")
    program.sql(server, "ALTER ROLE platform_app PASSWORD NULL")
    job = schema.job(catalogue(), builtin.SERVER, "builtin")
    changed = "ALTER TABLE public.decisions ADD COLUMN IF NOT EXISTS reviewer text;\n"
    files = tuple(
        replace(file, content=Text(template=file.content.template + changed))
        if file.path.endswith("20-schema.sql")
        else file
        for file in job.files
    )
    for _ in range(2):
        result = program.run(replace(job, files=files), server, tmp_path)
        assert result.returncode == 0, result.stderr
    assert program.sql(server, columns) == [str(int(before) + 1)]
    assert program.sql(server, "SELECT to_regclass('decisions_newest')") == ["decisions_newest"]
    login = "SELECT count(*) FROM pg_authid WHERE rolname = 'platform_app' AND rolpassword <> ''"
    assert program.sql(server, login) == ["1"]


def test_a_schema_that_exists_waits_for_no_open_transaction(
    server: Container, tmp_path: Path
) -> None:
    """Every insert would wait behind the job."""
    writing = (
        "INSERT INTO decisions (id, source, observation, label, confidence, outcome, model, "
        "latency_ms) VALUES (gen_random_uuid(), 'e2e', '{}', 'x', 1, 'accept', 'm', 1); "
        "SELECT pg_sleep(60)"
    )
    sleeping = "FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with ThreadPoolExecutor() as threads:
        threads.submit(program.sql, server, writing)
        server.until(lambda: program.sql(server, f"SELECT count(*) {sleeping}") == ["1"])
        job = schema.job(catalogue(), builtin.SERVER, "builtin")
        result = program.run(job, server, tmp_path)
        program.sql(server, f"SELECT pg_terminate_backend(pid) {sleeping}")
    assert result.returncode == 0, result.stderr


def test_the_superuser_calls_no_function_of_the_schemas_owner(
    server: Container, tmp_path: Path
) -> None:
    """Each fits the scripts' arguments better than the function of that name in pg_catalog."""
    planted = {
        "unnest(text[]) RETURNS SETOF text": "RETURN QUERY SELECT pg_catalog.unnest($1);",
        "format(text, text) RETURNS text": "RETURN pg_catalog.format($1, VARIADIC ARRAY[$2]);",
        "format(text, name, name) RETURNS text": "RETURN '';",
    }
    for function, body in planted.items():
        body = f"EXECUTE 'CREATE ROLE planted SUPERUSER'; {body}"
        create = f"CREATE FUNCTION public.{function} LANGUAGE plpgsql AS $$BEGIN {body} END$$"
        program.sql(server, f"SET ROLE platform_owner; {create}")
    count = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    assert program.sql(server, count) == ["3"]
    program.sql(server, "CREATE ROLE streaming_replica")
    job = schema.job(catalogue(), builtin.SERVER, "cloudnative-pg", cloudnative_pg.SCRIPTS)
    result = program.run(job, server, tmp_path)
    assert result.returncode == 0, result.stderr
    assert program.sql(server, "SELECT rolname FROM pg_roles WHERE rolname = 'planted'") == []
    for function in planted:
        program.sql(server, f"DROP FUNCTION public.{function.partition(' RETURNS')[0]}")


def test_old_decisions_are_removed_in_small_transactions(server: Container, tmp_path: Path) -> None:
    program.sql(
        server,
        "INSERT INTO decisions (id, created_at, source, observation, label, confidence, outcome, "
        "model, latency_ms) SELECT gen_random_uuid(), now() - make_interval(days => days), 'e2e', "
        "'{}', 'x', 1, 'accept', 'm', 1 FROM (SELECT 89 AS days FROM generate_series(1, 10) "
        "UNION ALL SELECT 91 FROM generate_series(1, 2500)) AS ages",
    )
    stack = settings({"data": {"decisions": {"retention": "90d"}}})
    job = retention.job(stack, catalogue(), builtin.SERVER, ())
    assert job
    transaction = "SELECT pg_current_xact_id()::text::bigint"
    (before,) = program.sql(server, transaction)
    result = program.run(job, server, tmp_path)
    assert "2500 decisions removed" in result.stderr, result.stderr
    (after,) = program.sql(server, transaction)
    # Batches of 1000, 1000 and 500.
    assert int(after) - int(before) - 1 >= 3
    assert program.sql(server, "SELECT count(*) FROM decisions") == ["10"]
    # The index has the oldest decisions at its end, so a batch reads no other rows.
    batch = "SELECT id FROM decisions WHERE created_at < now() ORDER BY created_at, id LIMIT 1000"
    off = "".join(f"SET enable_{kind} = off; " for kind in ("seqscan", "bitmapscan", "sort"))
    plan = " ".join(program.sql(server, f"{off}EXPLAIN {batch}"))
    assert "Scan Backward using decisions_newest" in plan
    assert "Sort" not in plan
