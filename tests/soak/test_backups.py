"""Backups of a large database: how soon it is back, what it costs, and hours without them.

The stack has its volume of backups on a small disk, so that one can be filled.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from statistics import median

import pytest

from operations import backup as verbs
from operations import docker_stack
from operations.restore import restore
from operations.workspace import Workspace
from tests.e2e import bucket
from tests.e2e.bucket import BucketServer, Keys
from tests.e2e.stack import Stack, eventually, free_ports, output_of, temporary_stack
from tests.e2e.test_backups import decisions, firing, lose_the_volume, scraped, state, well
from tests.e2e.test_life import OBSERVATION, all_healthy
from tests.e2e.written import Written, writing
from tests.soak import figures, small_disk
from tests.soak.paced import Paced, percentile
from tests.timing import ratio

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
MEGABYTES = int(os.environ.get("SOAK_MEGABYTES", "1000"))
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "7"))
OUTAGES = 3
"""They share the minutes."""

ROWS = 850 * MEGABYTES
"""Of the table that makes the database as large: each takes 1176 bytes."""

MEMORY, IDLE, SLOWER = 256, 0.01, 1.2
"""MiB, a share of a core, and a ratio of 99th percentiles: what backups may take at most."""

IDLE_SECONDS = 300
RATE = 100.0
# Nothing is scheduled while a figure is taken, unless the clock strikes this minute of the year.
RARELY = "0 0 29 2 *"
QUIET = {"schedule": RARELY, "drill": RARELY}
KEYS = Keys(access="soak-access", secret="soak-secret-key")
PART = "backup"
DISK = 8 + 6 * MEGABYTES // 1000
"""GiB."""

SUM = "SELECT count(*), sum(hashtextextended(text, 0)) FROM ballast"
FILL = f"""
CREATE TABLE ballast AS
SELECT number, repeat(md5(number::text), 35) AS text FROM generate_series(1, {ROWS}) AS number
"""  # noqa: S608 (a number)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A healthy stack with one base backup, that the verbs know by its name."""
    disk = tmp_path_factory.mktemp("disk") / "backups"
    with pytest.MonkeyPatch.context() as patch, temporary_stack("soak-backups") as stack:
        patch.setattr(Workspace, "of", lambda name: stack.workspace)
        # The load comes from one address.
        stack.settings |= {"web": {"gateway": {"rate_limit": None}}, "data": {"backup": QUIET}}
        result = stack.up()
        assert result.returncode == 0, output_of(result)
        eventually(lambda: well(stack), 120)
        containers = [stack.container(PART), stack.container(f"{PART}-volumes")]
        with small_disk.under(stack.container(PART), containers, disk, DISK):
            eventually(lambda: well(stack), 60)
            yield stack


@pytest.fixture
def server() -> Iterator[BucketServer]:
    server = bucket.start_on_host(free_ports(("bucket",))["bucket"], KEYS)
    yield server
    docker_stack.docker("rm", "--force", "--volumes", server.container.id)


@pytest.fixture
def frugal(stack: Stack) -> Iterator[None]:
    """The part stays within its memory during the test: nothing in it is killed for that."""
    container, begin = stack.container(PART), int(time.time())
    with figures.peak(container) as peak:
        yield
    print(f"the part's memory: at most {peak.mebibytes:.0f} MiB, without the cache of files")
    filters = (f"--filter=container={container}", "--filter=event=oom")
    period = (f"--since={begin}", f"--until={int(time.time()) + 1}")
    assert docker_stack.docker("events", *period, *filters) == ""
    assert 0 < peak.mebibytes <= MEMORY


def sql(stack: Stack, query: str) -> str:
    command = ("psql", "-qAtX", "-U", "postgres", "-d", "platform", "-c", query)
    result = stack.inside("postgres", *command)
    assert result.returncode == 0, output_of(result)
    return result.stdout.strip()


@pytest.mark.timeout(IDLE_SECONDS + 600)
def test_the_part_is_idle_while_nothing_is_written_although_it_is_scraped(stack: Stack) -> None:
    time.sleep(30)  # the first base backup, and what follows it
    container = stack.container(PART)
    begin, before = time.monotonic(), figures.cpu_seconds(container)
    time.sleep(IDLE_SECONDS)
    used = (figures.cpu_seconds(container) - before) / (time.monotonic() - begin)
    print(f"the part used {used:.2%} of a core in {IDLE_SECONDS} s")
    scrapes = f"count_over_time(platform_backup_count[{IDLE_SECONDS}s]) > {IDLE_SECONDS / 30}"
    assert scraped(stack, scrapes)
    assert used <= IDLE


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("frugal")
def test_a_large_database_is_back_within_five_minutes_after_its_volume_was_lost(
    stack: Stack,
) -> None:
    sql(stack, FILL)
    before = sql(stack, SUM)
    verbs.backup(stack.name)
    size = int(sql(stack, "SELECT pg_database_size('platform')"))
    print(f"{size / 1e6:.0f} MB")
    assert size >= MEGABYTES * 1e6
    lose_the_volume(stack, partial(restore, stack.name, yes=True))
    assert sql(stack, SUM) == before
    eventually(lambda: all_healthy(stack), 60)
    eventually(lambda: well(stack), 120)


@pytest.mark.timeout(600 * ROUNDS)
@pytest.mark.usefixtures("frugal")
def test_a_drill_beside_a_hundred_requests_a_second_hardly_slows_them(stack: Stack) -> None:
    """Pairs of rounds, as long as a drill each; in every second pair the drill is first."""
    with_drill, without = [], []
    seconds = loaded(stack, drilling=True)[1]  # warms up, and says how long one takes
    for number in range(ROUNDS):
        if number % 2:
            without.append(loaded(stack, drilling=False, seconds=seconds)[0])
        slow, seconds = loaded(stack, drilling=True)
        with_drill.append(slow)
        if not number % 2:
            without.append(loaded(stack, drilling=False, seconds=seconds)[0])
    ratio(f"p99 beside a drill of {seconds:.0f} s", with_drill, "without", without)
    pairs = zip(with_drill, without, strict=True)
    assert median(slow / usual for slow, usual in pairs) < SLOWER


def loaded(stack: Stack, *, drilling: bool, seconds: float = 0) -> tuple[float, float]:
    """The 99th percentile of the requests, and the seconds of a round."""
    url = stack.endpoints()["web"]
    assert url is not None
    token = stack.workspace.outputs(secrets=True)["logins"]["api"]["token"]
    headers = {"Authorization": f"Bearer {token}"}
    load = Paced(url=url, headers=headers, path="/api/decisions", content=OBSERVATION, rate=RATE)
    begin = time.monotonic()
    with ThreadPoolExecutor() as threads:
        if drilling:
            drill = threads.submit(stack.inside, PART, "backup", "drill", "--wait", "600")
            load.run(lambda: not drill.done())
            assert drill.result().returncode == 0, output_of(drill.result())
        else:
            load.run(lambda: time.monotonic() < begin + seconds)
    took = time.monotonic() - begin
    p50, p99 = percentile(load.times, 50), percentile(load.times, 99)
    print(
        f"{'drill' if drilling else 'quiet'}: {len(load.times)} requests in {took:.0f} s, "
        f"p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    assert load.failed == []
    assert len(load.times) > 0.9 * RATE * took
    return p99, took


@contextmanager
def part_down(stack: Stack) -> Iterator[None]:
    docker_stack.docker("stop", stack.container(PART))
    yield
    docker_stack.docker("start", stack.container(PART))


@contextmanager
def volume_full(stack: Stack) -> Iterator[None]:
    # Almost all of it at once, and then the rest, which others take from too.
    fill = """
    fallocate -l "$(($(df --output=avail -B1M /backups | tail -n 1) - 16))M" /backups/filler
    ! head -c 1G /dev/zero >> /backups/filler
    """
    filled = stack.inside(PART, "sh", "-ec", fill)
    assert "No space left" in filled.stderr, output_of(filled)
    yield
    stack.inside(PART, "rm", "/backups/filler")


@pytest.mark.timeout(int(MINUTES * 60) + 1800)
@pytest.mark.parametrize(
    ("outage", "alert"),
    [
        pytest.param(part_down, "WalArchivingStalled", id="the part is down"),
        pytest.param(volume_full, "BackupVolumeFilling", id="its volume is full"),
    ],
)
def test_writes_go_on_without_backups_which_catch_up_without_loss(
    stack: Stack, outage: Callable[[Stack], AbstractContextManager[None]], alert: str
) -> None:
    with writing(lambda: stack.client("web")) as written:
        with outage(stack):
            last_until_it_fires(stack, alert)
        ended = datetime.now(UTC)
        begin = time.monotonic()
        eventually(lambda: caught_up(stack, ended), 300, 1)
        print(f"caught up {time.monotonic() - begin:.0f} s after it")
        eventually(lambda: alert not in firing(stack), 180, 2)
    nothing_is_lost(stack, written)


@pytest.mark.timeout(int(MINUTES * 60) + 1800)
def test_writes_go_on_without_the_bucket_which_then_gets_what_it_lacks(
    stack: Stack, server: BucketServer
) -> None:
    bucket.give(stack, server, KEYS, **QUIET, offsite={"schedule": "*/2 * * * *"})
    bucket.run(stack, "up", "--yes", "--skip-preview")
    eventually(lambda: sent_since(stack, time.time() - 60), 900, 2)
    with writing(lambda: stack.client("web")) as written:
        server.stop()
        last_until_it_fires(stack, "OffsiteStale")
        server.start()
        ended = time.time()
        eventually(lambda: sent_since(stack, ended), 600, 5)
        print(f"caught up {time.time() - ended:.0f} s after it")
        eventually(lambda: "OffsiteStale" not in firing(stack), 180, 2)
    nothing_is_lost(stack, written)
    check = stack.inside(PART, "backup", "offsite", "--check")
    assert check.returncode == 0, output_of(check)


def last_until_it_fires(stack: Stack, alert: str) -> None:
    """Wait for this outage's share of the minutes, and for the alert about it."""
    time.sleep(MINUTES * 60 / OUTAGES)
    eventually(lambda: alert in firing(stack), 600, 5)


def caught_up(stack: Stack, moment: datetime) -> bool:
    """Whether all is received that was written until then. A busy server is always a little ahead,
    so there is a lag at most moments."""
    window = state(stack).window
    return window is not None and window.end > moment


def sent_since(stack: Stack, moment: float) -> bool:
    offsite = state(stack).offsite
    return offsite is not None and offsite.ok and offsite.at.timestamp() >= moment


def nothing_is_lost(stack: Stack, written: Written) -> None:
    """No write was refused, each is in the database, and each would come back in a restore."""
    print(f"{len(written.rows)} decisions, {written.failed} refused")
    assert written.failed == 0
    back = {row.partition("|")[0]: row for row in decisions(stack)}
    assert {key: back.get(key) for key in written.rows} == written.rows
    assert verbs.drill(stack.name)
