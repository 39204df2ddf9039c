"""The drill proves that a restore works, and names the file that would break it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.contracts import backups
from tests.e2e.contracts.backups import Pair

# Damages the file whose path is the first argument, as the second one says.
DAMAGE = """
import os, shutil, sys
path, how = sys.argv[1:]
shutil.copy2(path, "/backups/whole")
if how == "removed":
    os.remove(path)
elif how == "truncated":
    os.truncate(path, os.path.getsize(path) // 2)
else:
    with open(path, "r+b") as file:
        file.seek(int(how))
        byte = file.read(1)[0]
        file.seek(int(how))
        file.write(bytes([byte ^ 4]))
"""
MEND = "import shutil, sys; shutil.move('/backups/whole', sys.argv[1])"
FLIPPED = "20000"
ODD = 'it\'s an "odd" \\ name'
# Writes and commits until it is ended.
BUSY = (
    "DO $$ BEGIN LOOP INSERT INTO numbers VALUES (-1, 0); UPDATE numbers SET value = value + 1 "
    "WHERE n = 1; COMMIT; PERFORM pg_sleep(0.005); END LOOP; END $$"
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    parameters = {"max_prepared_transactions": "20"}
    pair = backups.start(tmp_path_factory.mktemp("pair"), {"parameters": parameters})
    escaped = ODD.replace('"', '""')
    pair.sql(f'CREATE DATABASE "{escaped}"')
    pair.sql("CREATE TABLE words AS SELECT n, md5(n::text) FROM generate_series(1, 1000) AS n", ODD)
    backups.run_schema_job(pair.settings, pair.server, pair.folder, pair.network)
    pair.until_backed_up()
    # A backup whose WAL fills more than one file, and changes after it.
    pair.sql(
        "CREATE TABLE numbers AS SELECT n, n * 1.5 AS value FROM generate_series(1, 100000) AS n"
    )
    pair.answer("now")
    pair.sql("INSERT INTO numbers SELECT n, n FROM generate_series(1, 200000) AS n")
    pair.sql("SELECT pg_switch_wal()")
    # Recovery needs a place for a transaction that was prepared.
    pair.sql("BEGIN; INSERT INTO numbers VALUES (0, 0); PREPARE TRANSACTION 'one'")
    pair.sql("COMMIT PREPARED 'one'")
    return pair


@pytest.fixture
def newest(pair: Pair) -> str:
    return pair.done()[-1]


@pytest.fixture
def mended(pair: Pair) -> Iterator[list[str]]:
    """Puts the files in this list back."""
    damaged: list[str] = []
    yield damaged
    for path in damaged:
        assert pair.backup.run("python3", "-c", MEND, path).returncode == 0


def path_of(pair: Pair, pattern: str) -> str:
    return pair.backup.run("sh", "-c", f"ls -d {pattern} | tail -n 1").stdout.strip()


def after_the_newest(pair: Pair) -> str:
    """The WAL file after the last one of the newest backup: without it the backup still starts."""
    last = pair.status()["backups"][-1]["wal"]
    return f"{int(last, 16) + 1:024X}"


def archived(pair: Pair, name: str) -> str:
    pattern = f"/backups/barman/*/*/{name[:16]}/{name}"
    pair.until(lambda _: path_of(pair, pattern))
    return path_of(pair, pattern)


def damage(pair: Pair, path: str, how: str) -> None:
    result = pair.backup.run("python3", "-c", DAMAGE, path, how)
    assert result.returncode == 0, result.stderr


def test_a_drill_compares_every_table_of_every_database(pair: Pair, newest: str) -> None:
    answer = pair.answer("drill")
    assert answer["backup"] == newest
    # numbers, words, and the platform's own table.
    assert answer["tables"] == 3
    assert answer["rows"] == 301001
    assert answer["databases_left_out"] == []
    assert pair.metric("drill_databases_left_out") == 0
    status = pair.status()
    assert status["drill"]["ok"]
    assert status["drill"]["backup"] == newest
    assert status["backups"][-1]["verified"] == status["drill"]["at"]
    assert pair.metric("drill_success") == 1
    assert pair.metric("verified_timestamp_seconds")
    assert pair.backup.run("ls", "/backups/drill").returncode != 0


@pytest.mark.parametrize("how", ["removed", "truncated", FLIPPED])
def test_a_damaged_base_file_fails_the_drill_and_is_named(
    pair: Pair, newest: str, mended: list[str], how: str
) -> None:
    # A table's file, of the database that has the most.
    name = pair.sql("SELECT pg_relation_filepath('numbers')")[0]
    path = path_of(pair, f"/backups/barman/*/base/{newest}/data/{name}")
    mended.append(path)
    damage(pair, path, how)
    result = pair.run("drill")
    assert result.returncode == 1
    assert name in result.stderr
    assert pair.status()["drill"]["ok"] is False
    assert name in pair.status()["drill"]["reason"]
    assert pair.metric("drill_success") == 0


def test_a_restore_that_lacks_wal_says_where_it_ends(pair: Pair, mended: list[str]) -> None:
    name = after_the_newest(pair)
    path = archived(pair, name)
    mended.append(path)
    damage(pair, path, "removed")
    answer = pair.answer("recover", "--closed")
    words = {"database": ODD, "table": "public.words", "rows": 1000}
    assert words in answer["tables"]
    target = answer["target"]
    assert target.endswith(f"; then the WAL file {name} is missing")
    (moment,) = pair.sql("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
    result = pair.run("recover", "--at", moment)
    assert result.returncode == 1
    assert f"{name} is missing; what can be restored ends at " in result.stderr
    pair.answer("discard")


@pytest.mark.parametrize("how", ["removed", "truncated", FLIPPED])
def test_a_damaged_wal_file_fails_the_drill_and_is_named(
    pair: Pair, newest: str, mended: list[str], how: str
) -> None:
    name = after_the_newest(pair)
    path = archived(pair, name)
    mended.append(path)
    damage(pair, path, how)
    result = pair.run("drill")
    assert result.returncode == 1
    assert name in result.stderr
    assert pair.status()["drill"]["ok"] is False


def test_a_database_that_refuses_the_role_of_backups_is_named(pair: Pair) -> None:
    pair.sql("CREATE DATABASE closed")
    pair.sql("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
    assert pair.answer("drill")["databases_left_out"] == ["closed"]
    drill = pair.status()["drill"]
    assert (drill["ok"], drill["reason"]) == (True, "not compared: closed")
    assert pair.metric("drill_databases_left_out") == 1
    pair.sql("DROP DATABASE closed")


def test_a_drill_after_the_damage_is_mended_is_right_while_rows_are_written(
    pair: Pair, newest: str
) -> None:
    assert pair.answer("verify", newest) == {"id": newest, "ok": True}
    with ThreadPoolExecutor() as threads:
        writing = threads.submit(pair.server.run, *pair.psql(BUSY), env=pair.superuser)
        rows = "SELECT count(*) FROM numbers WHERE n = -1"
        pair.until(lambda _: pair.sql(rows) != ["0"])
        answer = pair.answer("drill")
        assert not writing.done()
        pair.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO %'")
    assert answer["rows"] > 301001
    assert answer["sampled"] == 0
    assert pair.status()["drill"]["ok"] is True
