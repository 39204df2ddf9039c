"""Copies in a bucket of a real S3 server, and what comes back from the bucket alone."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e import bucket
from tests.e2e.bucket import BucketServer, Keys
from tests.e2e.contracts import backups
from tests.e2e.contracts.backups import QUIET, RARELY, Pair
from tests.e2e.contracts.databases import password
from tests.e2e.contracts.file_service import FileService

KEYS = Keys(access=password("backup-access-key"), secret=password("backup-secret-key"))
# Repeats what the program does, with one thing changed.
REPOSITORY = """
from dataclasses import replace
from pathlib import Path
from backup import context, layout
from backup.errors import BackupError
from backup.offsite.restic import Repository
layout.SCRATCH.mkdir(exist_ok=True)
config = context.load().config.offsite
"""
WRONG_PASSPHRASE = """
Path("/tmp/wrong").write_text("another passphrase")
try:
    Repository(replace(config, passphrase_file=Path("/tmp/wrong"))).ensure()
except BackupError as error:
    print(error)
"""
# A check that reads slowly, and is killed while it has the exclusive lock.
KILLED = """
import subprocess, time
repository = Repository(config)
with repository._environment() as environment:
    command = [*repository._command(), "--limit-download=1", "check", "--read-data"]
    process = subprocess.Popen(command, env=environment)
    while not repository.run("list", "locks", "--no-lock"):
        assert process.poll() is None
        time.sleep(0.1)
    process.kill()
    process.wait()
print(repository.run("list", "locks", "--no-lock"))
"""


@dataclass(kw_only=True)
class Writer:
    """Inserts rows one after the other, and remembers when each was acknowledged."""

    pair: Pair
    acknowledged: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Writer":
        self.pair.sql("CREATE TABLE IF NOT EXISTS written (number bigserial PRIMARY KEY)")
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def before(self, moment: float) -> int:
        return sum(one < moment for one in self.acknowledged)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.pair.sql("INSERT INTO written DEFAULT VALUES")
            self.acknowledged.append(time.time())


@dataclass(frozen=True, kw_only=True)
class Place:
    """A stack with a bucket, and a new, empty one that is given the bucket and the passphrase."""

    pair: Pair
    elsewhere: Pair
    server: BucketServer


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    tls = tmp_path_factory.mktemp("tls")
    offsite = {
        "endpoint": f"https://{bucket.NAME}:{bucket.PORT}",
        "bucket": "backups",
        "prefix": "prod",
        "ca": bucket.make_certificate(tls),
        "schedule": RARELY,
        "access_key": KEYS.access,
        "secret_key": KEYS.secret,
        "passphrase": password("backup-passphrase"),
    }
    folders = [tmp_path_factory.mktemp(name) for name in ("pair", "elsewhere")]
    data = {"backup": {**QUIET, "offsite": offsite}}
    with ThreadPoolExecutor() as threads:
        pair, elsewhere = threads.map(lambda folder: backups.start(folder, data), folders)
    server = bucket.start(pair.network, KEYS, tls=tls)
    server.join(elsewhere.network)
    for one in (pair, elsewhere):
        one.until_backed_up()
    return Place(pair=pair, elsewhere=elsewhere, server=server)


def python(pair: Pair, code: str) -> str:
    result = pair.backup.run("python3", "-c", REPOSITORY + code)
    assert result.returncode == 0, result.stderr
    return result.stdout


def refused(pair: Pair, *arguments: str) -> str:
    result = pair.run(*arguments)
    assert result.returncode == 1, result.stdout
    return result.stderr


def test_the_bucket_alone_brings_back_what_was_acknowledged_before_the_copy(
    place: Place,
) -> None:
    """The copy is made while rows are written and a base backup runs."""
    pair, elsewhere = place.pair, place.elsewhere
    before = pair.answer("offsite")
    assert before["complete"]
    base = threading.Thread(target=pair.answer, args=("now",))
    with Writer(pair=pair) as writer:
        base.start()
        time.sleep(1)
        pair.answer("offsite")
        complete = pair.metric("offsite_timestamp_seconds")
        base.join()
    assert complete
    sent = writer.before(complete)
    assert sent > 0
    assert time.time() - complete < 60

    assert pair.metric("offsite_success") == 1
    assert "bucket has the backups of the server" in refused(elsewhere, "offsite")
    assert elsewhere.metric("offsite_success") == 0
    listed = elsewhere.answer("list", "--from", "offsite")
    assert [one["id"] for one in listed["backups"]] == pair.done()[: len(listed["backups"])] != []
    answer = elsewhere.answer("recover", "--from", "offsite")
    counts = {one["table"]: one["rows"] for one in answer["tables"]}
    rows = elsewhere.restored("SELECT count(*), max(number) FROM public.written")
    assert rows == [f"{counts['public.written']}|{counts['public.written']}"]
    assert sent <= counts["public.written"] <= len(writer.acknowledged)
    assert elsewhere.backup.run("ls", "/backups/offsite/fetched").returncode != 0
    elsewhere.answer("discard")


def test_a_moment_before_the_newest_copy_comes_back(place: Place) -> None:
    pair, elsewhere = place.pair, place.elsewhere
    pair.sql("CREATE TABLE moments AS SELECT 1 AS number")
    time.sleep(1.1)
    moment = pair.sql("SELECT now() AT TIME ZONE 'UTC'")[0]
    time.sleep(1.1)
    pair.sql("INSERT INTO moments SELECT 2")
    pair.until(lambda _: pair.metric("wal_lag_bytes") == 0)
    pair.answer("offsite")
    elsewhere.answer("recover", "--from", "offsite", "--at", moment)
    assert elsewhere.restored("SELECT count(*) FROM public.moments") == ["1"]
    elsewhere.answer("discard")
    said = refused(elsewhere, "recover", "--from", "offsite", "--at", "2020-01-01")
    assert "its newest copy has" in said


def test_while_the_bucket_is_gone_the_part_says_so_and_then_it_catches_up(place: Place) -> None:
    pair, server = place.pair, place.server
    complete = pair.metric("offsite_timestamp_seconds")
    server.stop()
    try:
        started = time.monotonic()
        assert f"{bucket.NAME}:{bucket.PORT} does not answer" in refused(pair, "offsite")
        assert time.monotonic() - started < 30
        assert pair.metric("offsite_success") == 0
        assert pair.metric("wal_streaming") == 1
        assert pair.status()["offsite"]["ok"] is False
        assert pair.metric("offsite_timestamp_seconds") == complete
        pair.sql("CREATE TABLE meanwhile AS SELECT 1")
    finally:
        server.start()
    pair.until(lambda _: pair.run("offsite").returncode == 0)
    assert pair.metric("offsite_success") == 1
    assert (pair.metric("offsite_timestamp_seconds") or 0) > (complete or 0)


def test_another_passphrase_opens_nothing(place: Place) -> None:
    said = python(place.pair, WRONG_PASSPHRASE)
    assert "was made with another passphrase than the secret backup-passphrase" in said


def test_the_lock_of_a_killed_run_does_not_stop_the_next_one(place: Place) -> None:
    assert python(place.pair, KILLED).strip()
    place.pair.answer("offsite", "--check")


def test_a_damaged_object_is_found_and_sent_again(place: Place) -> None:
    pair = place.pair
    damaged = place.server.objects("data")[0]
    place.server.corrupt(damaged)
    said = refused(pair, "offsite", "--check")
    assert damaged.rpartition("/")[2][:8] in said
    assert pair.metric("offsite_success") == 0
    # The next copy does not hide it.
    pair.run("offsite")
    assert pair.metric("offsite_success") == 0
    pair.answer("offsite", "--repair")
    assert pair.metric("offsite_success") == 1


def test_no_secret_is_in_a_log(place: Place) -> None:
    logs = place.pair.backup.logs()
    for name in ("backup-access-key", "backup-secret-key", "backup-passphrase"):
        assert password(name) not in logs


def test_files_of_a_service_come_back_before_it_starts(place: Place, tmp_path: Path) -> None:
    """The service's own user reads and writes them; what was there is set aside."""
    pair = place.pair
    service = FileService(pair=pair, folder=tmp_path)
    service.step()  # before the first start
    service.shell("umask 077; echo first > $1/report; mkdir $1/sub; echo deep > $1/sub/file")
    copier = service.start_copier()
    copier.until(lambda: "platform_files_offsite_success 1.0" in copier.get(9748, "/metrics"))
    assert copier.uids() == {"10001"}
    assert "first" not in service.step()  # without a request it changes nothing
    moment = pair.answer("files", "list", "backend")["copies"][0]["at"]
    service.shell("echo second > $1/report; rm -r $1/sub")
    time.sleep(1.1)
    result = copier.run("backup", "files", "now", "--json")
    assert result.returncode == 0, result.stderr

    asked = pair.answer("files", "request", "backend", "--at", moment)
    assert [one["volume"] for one in asked["copies"]] == ["backend-data"]
    service.step()
    assert service.shell("cat $1/report $1/sub/file $1/.ai-platform/before-*/report") == (
        "first\ndeep\nsecond\n"
    )
    service.shell("echo third > $1/report")
    service.step()  # the same request again
    assert service.shell("cat $1/report") == "third\n"
    pair.answer("files", "discard", "backend")
    assert "files/web has no backups" in refused(pair, "files", "request", "web")


def test_what_a_service_writes_into_a_new_volume_does_not_hide_the_files_of_the_lost_one(
    place: Place, tmp_path: Path
) -> None:
    """The service writes its first file when it starts, before anybody restores the others."""
    pair = place.pair
    lost = FileService(pair=pair, folder=tmp_path, name="notes")
    lost.step()
    lost.shell("echo kept > $1/note")
    copied = lost.start_copier()
    copied.until(lambda: "platform_files_offsite_success 1.0" in copied.get(9748, "/metrics"))

    new = FileService(pair=pair, folder=tmp_path, name="notes")
    new.step()
    new.shell("echo empty > $1/note; touch $1/seed")
    copier = new.start_copier()
    copier.until(lambda: "platform_files_offsite_success 0.0" in copier.get(9748, "/metrics"))
    result = copier.run("backup", "files", "now")
    assert "make restore FILES=notes" in result.stderr
    assert len(pair.answer("files", "list", "notes")["copies"]) == 1

    pair.answer("files", "request", "notes")
    new.step()
    pair.answer("files", "discard", "notes")
    assert new.shell("cat $1/note; ls $1") == "kept\nnote\n"
    result = copier.run("backup", "files", "now")
    assert result.returncode == 0, result.stderr
    assert len(pair.answer("files", "list", "notes")["copies"]) == 2
