"""Base backups, their list and their metrics, on the real engine."""

import re
import time

import pytest

from tests.e2e.contracts import backups, engine
from tests.e2e.contracts.backups import Pair

IDLE_SECONDS = 15
MOST_IDLE = 0.01
"""Of one core."""
CPU = "cat /sys/fs/cgroup/cpuacct/cpuacct.usage 2> /dev/null || cat /sys/fs/cgroup/cpu.stat"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    pair = backups.start(tmp_path_factory.mktemp("pair"))
    pair.until_backed_up()
    return pair


def python(pair: Pair, code: str) -> str:
    result = pair.backup.run("python3", "-c", code)
    assert result.returncode == 0, result.stderr
    return result.stdout


def cpu_seconds(pair: Pair) -> float:
    """The processor time of all processes of the container."""
    text = pair.backup.run("sh", "-c", CPU).stdout
    usage = re.search(r"usage_usec (\d+)", text)
    return int(usage[1]) / 1e6 if usage else int(text) / 1e9


def test_the_first_backup_is_made_as_soon_as_the_server_answers(pair: Pair) -> None:
    status = pair.answer("list")
    (backup,) = status["backups"]
    assert backup["state"] == "done"
    assert backup["size"] > 10**6
    assert re.fullmatch(r"[0-9A-F]{24}", backup["wal"])
    assert status["window"]["from"] == backup["end"]
    assert status["window"]["to"] >= backup["end"]
    assert status["archiving"]["reason"] is None
    assert pair.backup.uids() == {"999"}


def test_metrics_say_what_the_list_says(pair: Pair) -> None:
    pair.until(lambda _: pair.metric("wal_caught_up_timestamp_seconds"))
    assert pair.backup.get(9747, "/healthz") == "well\n"
    figures = {
        name: pair.metric(name)
        for name in (
            "count", "wal_streaming", "last_attempt_success", "other_system", "slot_lost",
            "restore_open",
        )
    }  # fmt: skip
    assert figures == {
        "count": 1,
        "wal_streaming": 1,
        "last_attempt_success": 1,
        "other_system": 0,
        "slot_lost": 0,
        "restore_open": 0,
    }
    status = pair.status()
    assert pair.metric("newest_size_bytes") == status["backups"][0]["size"]
    assert pair.metric("volume_size_bytes") == status["volume"]["size"]
    caught_up = pair.metric("wal_caught_up_timestamp_seconds")
    assert caught_up
    assert abs(caught_up - time.time()) < 30
    limit = pair.metric("slot_limit_bytes")
    assert limit
    assert limit > (pair.metric("slot_retained_bytes") or 0)
    metrics = pair.backup.get(9747, "/metrics")
    # Four years, as RARELY is the 29th of February.
    assert 'platform_backup_expected_interval_seconds{what="backup"} 1.26' in metrics
    assert "platform_backup_drill_success" not in metrics


def test_it_takes_less_than_a_hundredth_of_a_core_while_nothing_happens(pair: Pair) -> None:
    before = cpu_seconds(pair)
    # As often as Prometheus and a probe ask.
    pair.backup.get(9747, "/metrics")
    pair.backup.get(9747, "/healthz")
    time.sleep(IDLE_SECONDS)
    assert (cpu_seconds(pair) - before) / IDLE_SECONDS < MOST_IDLE


def test_a_backup_on_demand_says_what_it_made(pair: Pair) -> None:
    count = len(pair.done())
    answer = pair.answer("now")
    assert pair.done()[-1] == answer["id"]
    assert len(pair.done()) == count + 1
    shown = pair.status()["backups"][-1]
    assert {key: answer[key] for key in ("begin", "end", "size", "wal")} == {
        key: shown[key] for key in ("begin", "end", "size", "wal")
    }


def test_a_command_waits_for_another_one_and_then_says_which_runs(pair: Pair) -> None:
    ended = python(
        pair,
        "import fcntl, subprocess\n"
        "file = open('/backups/lock', 'r+')\n"
        "fcntl.flock(file, fcntl.LOCK_EX); file.truncate(); file.write('drill'); file.flush()\n"
        "command = ['backup', 'now', '--wait', '0.5']\n"
        "ended = subprocess.run(command, capture_output=True, text=True)\n"
        "print(ended.returncode, ended.stderr)",
    )
    assert ended.startswith("1 ")
    assert "waiting: `backup drill` runs" in ended
    assert "`backup drill` runs; try again when it has ended" in ended


def test_retention_removes_what_no_promise_needs(pair: Pair) -> None:
    """With 7 days and two backups: of two older ones, the newer one reaches back 7 days."""
    for count, days in ((1, 20), (2, 10)):
        while len(pair.done()) < count:
            pair.answer("now")
        identity = pair.done()[count - 1]
        python(
            pair,
            "import datetime, glob, re\n"
            f"(path,) = glob.glob('/backups/barman/*/base/{identity}/backup.info')\n"
            "def earlier(match):\n"
            "    moment = datetime.datetime.fromisoformat(match[2])\n"
            f"    return match[1] + str(moment - datetime.timedelta(days={days}))\n"
            "text = re.sub('((?:begin|end)_time=)(.*)', earlier, open(path).read())\n"
            "open(path, 'w').write(text)",
        )
    oldest, *kept = pair.done()
    newest = pair.answer("now")["id"]
    assert pair.done() == [*kept, newest]
    assert pair.backup.run("sh", "-c", f"ls -d /backups/barman/*/base/{oldest}").returncode != 0


def test_the_password_is_in_no_argument_and_no_log(pair: Pair) -> None:
    secret = (pair.folder / "role").read_text()
    arguments = engine.docker("top", pair.backup.id, "-o", "pid,args").stdout
    assert "pg_receivewal" in arguments
    for text in (
        arguments,
        pair.backup.logs(),
        python(pair, "print(open('/tmp/backup/barman.conf').read())"),
    ):
        assert secret not in text
    assert pair.backup.run("stat", "-c%a", "/tmp/backup/pgpass").stdout == "600\n"
