"""Restores: from a lost volume, to a point in time, and what follows on the backup part's side."""

import json
import threading
import time
from pathlib import Path

import pytest

from backup import moments
from operations.inside import EngineContainer
from operations.restore import move
from tests.e2e.contracts import backups, engine
from tests.e2e.contracts.backups import Pair

MOST_LOST_SECONDS = 5.0
# Whether something listens at the port of what is recovered.
ANSWERS = "exec 3<> /dev/tcp/127.0.0.1/5433"
ROWS = "SELECT count(*), coalesce(sum(n), 0) FROM public.batches"


class Writer(threading.Thread):
    """Inserts rows one by one, and remembers when each was acknowledged."""

    def __init__(self, pair: Pair) -> None:
        super().__init__(daemon=True)
        self._pair = pair
        self.acknowledged: list[float] = []
        self._stopped = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._stopped.is_set():
            number += 1
            try:
                self._pair.sql(f"INSERT INTO written VALUES ({number}) RETURNING n")  # noqa: S608
            except AssertionError:
                return
            self.acknowledged.append(time.monotonic())

    def stop(self) -> None:
        self._stopped.set()
        self.join(30)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    pair = backups.start(tmp_path_factory.mktemp("pair"))
    pair.sql("CREATE TABLE batches (n int); CREATE TABLE written (n int)")
    pair.until_backed_up()
    return pair


def now(pair: Pair) -> str:
    (moment,) = pair.sql(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    )
    return moment


def insert(pair: Pair, first: int, last: int) -> None:
    pair.sql(f"INSERT INTO batches SELECT generate_series({first}, {last})")


def test_a_moment_between_two_batches_brings_the_first_one_only(pair: Pair) -> None:
    insert(pair, 1, 100)
    between = now(pair)
    insert(pair, 101, 300)
    pair.until(lambda _: pair.metric("wal_lag_bytes") == 0)
    answer = pair.answer("recover", "--at", between)
    counts = {table["table"]: table["rows"] for table in answer["tables"]}
    assert counts["public.batches"] == 100
    assert pair.restored(ROWS) == ["100|5050"]
    assert pair.restored("SHOW platform.restore_id") == [answer["id"]]
    assert pair.status()["restore"] == {
        "id": answer["id"],
        "target": answer["target"],
        "port": 5433,
    }
    assert pair.metric("restore_open") == 1
    # It survives the container.
    assert pair.backup.stop() == 0
    pair.sql("INSERT INTO written VALUES (0)")
    pair.backup.restart()
    pair.until(lambda status: status["archiving"]["state"] == "streaming")
    pair.until(lambda _: pair.metric("wal_lag_bytes") == 0)
    assert pair.restored(ROWS) == ["100|5050"]
    pair.answer("discard")
    assert pair.status()["restore"] is None
    assert pair.backup.run("ls", "/backups/restore").returncode != 0


def test_a_backup_brings_its_own_end(pair: Pair) -> None:
    (first, *_) = pair.done()
    answer = pair.answer("recover", "--backup", first, "--closed")
    counts = {table["table"]: table["rows"] for table in answer["tables"]}
    assert counts["public.batches"] == 0
    # A restart of the part opens nothing that was not open before.
    assert pair.backup.stop() == 0
    pair.backup.restart()
    pair.until(lambda status: status["archiving"]["state"] == "streaming")
    assert pair.backup.run("bash", "-c", ANSWERS).returncode != 0
    assert pair.answer("open")["tables"] == answer["tables"]
    assert pair.backup.run("bash", "-c", ANSWERS).returncode == 0
    assert pair.restored(ROWS) == ["0|0"]


def test_a_lost_volume_comes_back_to_within_seconds(pair: Pair) -> None:
    """Then the server goes on with the restored data, and its backups with the new timeline."""
    writer = Writer(pair)
    writer.start()
    time.sleep(2)
    pair.lose_server()
    lost = time.monotonic()
    writer.stop()
    begin = time.monotonic()
    answer = pair.answer("recover")
    seconds = time.monotonic() - begin
    (rows,) = pair.restored("SELECT count(*) FROM public.written")
    due = sum(moment < lost - MOST_LOST_SECONDS for moment in writer.acknowledged)
    missing = len(writer.acknowledged) - int(rows)
    print(f"RPO: {missing} of {len(writer.acknowledged)} rows missing; recovery {seconds:.1f} s")
    assert int(rows) >= due
    assert pair.restored(ROWS) == ["300|45150"]
    before_fork = now_here()

    count = len(pair.done())
    pair.start_server(restored=True)
    assert pair.sql(ROWS) == ["300|45150"]
    status = pair.until_backed_up(count + 1)
    pair.answer("discard")
    assert status["window"]["from"] == status["backups"][0]["end"]
    insert(pair, 301, 400)
    assert pair.answer("drill")["tables"] == 3
    # A restore of the restored server, on its timeline.
    assert answer["id"] != pair.answer("recover")["id"]
    assert pair.restored(ROWS) == ["400|80200"]
    # The end of the old timeline can still be reached.
    pair.answer("recover", "--at", before_fork)
    assert pair.restored(ROWS) == ["300|45150"]
    pair.answer("discard")


def test_a_server_of_another_system_waits_until_it_is_adopted(pair: Pair) -> None:
    pair.lose_server()
    pair.start_server()
    status = pair.until(lambda status: "system identifier" in str(status["archiving"]["reason"]))
    assert status["archiving"]["state"] == "waiting"
    assert pair.metric("other_system") == 1
    assert pair.backup.get(9747, "/healthz") == "well\n"
    result = pair.run("now")
    assert result.returncode == 1
    assert "backup adopt" in result.stderr
    assert pair.sql("SELECT count(*) FROM pg_replication_slots") == ["0"]

    old = pair.done()
    pair.answer("adopt")
    status = pair.until_backed_up(len(old) + 1)
    assert pair.metric("other_system") == 0
    assert status["window"]["from"] == status["backups"][-1]["end"]
    assert pair.done()[: len(old)] == old
    # The old server's data can still be restored.
    pair.answer("recover", "--backup", old[-1])
    assert pair.restored(ROWS) == ["300|45150"]
    pair.answer("discard")


def test_what_is_recovered_opens_in_the_backup_part_of_another_stack(
    pair: Pair, tmp_path: Path
) -> None:
    """As `make restore INTO=other` copies it, through the machine of the verb."""
    pair.sql("CREATE TABLE carried AS SELECT generate_series(1, 10) AS n")
    pair.until(lambda _: pair.metric("wal_lag_bytes") == 0)
    rows = pair.answer("recover", "--closed")["tables"]
    network = engine.docker("network", "create", "--label", engine.LABEL, "contract-other")
    tmp_path.chmod(0o755)
    other = backups.start_backup(tmp_path, pair.settings, network.stdout.strip(), engine.volume())
    origin, target = (
        EngineContainer(docker=("docker", "exec", "--interactive", part.id))
        for part in (pair.backup, other)
    )
    move.copy(origin, target)
    answer = json.loads(target.run(["backup", "open", "--json"]))
    assert answer["tables"] == rows
    assert {"database": "platform", "table": "public.carried", "rows": 10} in rows
    pair.answer("discard")


def now_here() -> str:
    return moments.text(time.time())
