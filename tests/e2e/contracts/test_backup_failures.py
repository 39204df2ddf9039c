"""What breaks around the backup part does not harm the server, and backups go on after it."""

import time
from pathlib import Path

from tests.e2e.contracts import backups, engine
from tests.e2e.contracts.backups import Pair

LIMIT_MB = 48
# Several times as much WAL as the slot may hold back.
MUCH = "INSERT INTO filler SELECT repeat(md5(n::text), 30) FROM generate_series(1, 60000) AS n"
ROWS = "SELECT count(*) FROM public.filler"
SMALL = "size=160m,uid=999,gid=999,mode=0750"
FILL = "head -c 1G /dev/zero > /backups/filler"


def prepare(pair: Pair) -> None:
    pair.sql("CREATE TABLE filler (text text)")
    pair.until_backed_up()


def test_a_slot_that_the_server_gave_up_is_made_again_with_a_base_backup(tmp_path: Path) -> None:
    pair = backups.start(tmp_path)
    prepare(pair)
    pair.sql(f"ALTER SYSTEM SET max_slot_wal_keep_size = '{LIMIT_MB}MB'")
    pair.sql("SELECT pg_reload_conf()")
    pair.backup.stop()
    slot = "SELECT wal_status FROM pg_replication_slots"
    for _ in range(3):
        pair.sql(MUCH)
        pair.sql("SELECT pg_switch_wal()")
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
    assert counts["public.filler"] == 180000


def test_a_full_volume_harms_no_writer_and_archiving_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    options = ("--opt=type=tmpfs", "--opt=device=tmpfs", f"--opt=o={SMALL}")
    volume = engine.docker("volume", "create", "--label", engine.LABEL, *options).stdout.strip()
    # A file system in memory counts as the container's memory.
    pair = backups.start(tmp_path, volume=volume, options=("--memory=1g", "--memory-swap=1g"))
    prepare(pair)
    pair.backup.run("sh", "-c", FILL)
    for _ in range(2):
        assert pair.sql(MUCH) == ["INSERT 0 60000"]
    status = pair.until(lambda status: "No space left" in str(status["archiving"]["reason"]))
    assert status["archiving"]["state"] == "waiting"
    assert pair.metric("wal_streaming") == 0
    assert pair.metric("volume_available_bytes") == 0
    assert pair.backup.get(9747, "/healthz") == "well\n"
    result = pair.run("now")
    assert result.returncode == 1
    assert pair.sql("INSERT INTO filler VALUES (1)") == ["INSERT 0 1"]

    pair.backup.run("rm", "/backups/filler")
    pair.until(lambda status: status["archiving"]["state"] == "streaming")
    pair.until(lambda _: pair.metric("wal_lag_bytes") == 0)
    (retained,) = pair.sql("SELECT wal_status FROM pg_replication_slots")
    assert retained in ("reserved", "extended")


def test_a_server_that_is_away_for_a_while_is_received_again(tmp_path: Path) -> None:
    pair = backups.start(tmp_path)
    prepare(pair)
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
