"""What breaks around the backup part does not harm the server, and backups go on after it."""

import time

import pytest

from tests.e2e.contracts import backups, engine
from tests.e2e.contracts.backups import Pair

LIMIT = "48MB"
# Fills files of WAL, of 16 MB each: more than the limit, and less.
FILES = (
    "SELECT count(*) FROM (SELECT pg_logical_emit_message(false, 'e2e', 'x'), pg_switch_wal() "
    "FROM generate_series(1, {})) AS files"
)
MUCH, SOME = FILES.format(6), FILES.format(2)
SMALL = "size=384m,uid=999,gid=999,mode=0750"
FILL = "head -c 1G /dev/zero > /backups/filler"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A small volume, and a slot with a small limit."""
    options = ("--opt=type=tmpfs", "--opt=device=tmpfs", f"--opt=o={SMALL}")
    volume = engine.docker("volume", "create", "--label", engine.LABEL, *options).stdout.strip()
    # It goes with the last container that has it, and one test stops the part.
    holding = ("--entrypoint=sleep", f"--volume={volume}:/backups")
    engine.start("postgres", "infinity", options=holding)
    pair = backups.start(
        tmp_path_factory.mktemp("pair"),
        {"parameters": {"max_slot_wal_keep_size": LIMIT}},
        volume=volume,
        # A file system in memory counts as the container's memory.
        options=("--memory=1g", "--memory-swap=1g"),
    )
    pair.sql("CREATE TABLE filler (n int)")
    pair.until_backed_up()
    return pair


def test_a_server_that_is_away_for_a_while_is_received_again(pair: Pair) -> None:
    engine.docker("kill", "--signal=KILL", pair.server.id)
    status = pair.until(lambda status: "is away" in str(status["archiving"]["reason"]))
    assert status["archiving"]["state"] == "waiting"
    assert pair.backup.get(9747, "/healthz") == "well\n"
    assert pair.run("now").returncode == 1
    pair.server.restart()
    begin = time.monotonic()
    pair.until(lambda status: status["archiving"]["state"] == "streaming")
    assert time.monotonic() - begin < 30
    assert len(pair.done()) == 1


def test_a_full_volume_harms_no_writer_and_archiving_goes_on_when_there_is_room(
    pair: Pair,
) -> None:
    pair.backup.run("sh", "-c", FILL)
    assert pair.sql(SOME) == ["2"]
    status = pair.until(lambda status: "No space left" in str(status["archiving"]["reason"]))
    assert status["archiving"]["state"] == "waiting"
    assert pair.metric("wal_streaming") == 0
    assert pair.metric("volume_available_bytes") == 0
    assert pair.backup.get(9747, "/healthz") == "well\n"
    result = pair.run("now")
    assert result.returncode == 1
    (reason,) = result.stderr.splitlines()
    assert reason.startswith("backup now: no WAL is received: ")
    # What makes room can begin.
    assert pair.answer("discard") == {}
    assert pair.sql("CREATE TABLE meanwhile (n int)") == ["CREATE TABLE"]

    pair.backup.run("rm", "/backups/filler")
    pair.until(lambda status: status["archiving"]["state"] == "streaming")
    pair.until(lambda _: pair.metric("wal_lag_bytes") == 0)
    (kept,) = pair.sql("SELECT wal_status FROM pg_replication_slots")
    assert kept in ("reserved", "extended")
    assert len(pair.done()) == 1


def test_a_slot_that_the_server_gave_up_is_made_again_with_a_base_backup(pair: Pair) -> None:
    pair.backup.stop()
    slot = "SELECT wal_status FROM pg_replication_slots"
    assert pair.sql(MUCH) == ["6"]
    pair.sql("INSERT INTO filler SELECT n FROM generate_series(1, 1000) AS n")
    pair.sql("CHECKPOINT")
    assert pair.sql(slot) == ["lost"]

    pair.backup.restart()
    status = pair.until_backed_up(2)
    assert pair.sql(slot) == ["reserved"]
    assert "gave up the WAL" in pair.backup.logs()
    # What can be restored begins after the gap.
    newest = status["backups"][-1]
    assert status["window"]["from"] == newest["end"]
    pair.until(lambda _: pair.metric("slot_lost") == 0)
    counts = {table["table"]: table["rows"] for table in pair.answer("recover")["tables"]}
    assert counts["public.filler"] == 1000
