"""The databases come back: after their volume is lost, and to a moment of the past."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import click
import pytest

from operations import backup, backups, docker_stack, replaced, stack_file
from operations.backups import Backups
from operations.restore import replace, restore
from operations.workspace import ROOT, Workspace
from tests.e2e.stack import Stack, eventually, output_of
from tests.e2e.test_life import all_healthy, decide
from tests.e2e.written import QUERY, lost, writing

# Seconds. A gigabyte takes no longer either (make soak).
RTO = 300
# What has the volume of the server.
SERVER = ("postgres", "postgres-volumes", "postgres-restore")


@pytest.fixture
def verb(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The verb `restore` for the stack, which has a backup and streams its log."""
    monkeypatch.setattr(Workspace, "of", lambda name: stack.workspace)
    eventually(lambda: well(stack), 90)
    return lambda **options: restore(stack.name, yes=True, **options)


def state(stack: Stack) -> Backups:
    settings = stack_file.settings(stack.workspace)
    return backups.read(backups.part(stack.workspace, settings))


def well(stack: Stack) -> bool:
    now = state(stack)
    return now.newest is not None and now.archiving.state == "streaming"


def decisions(stack: Stack) -> list[str]:
    result = stack.inside(
        "postgres", "psql", "-qAtX", "-U", "postgres", "-d", "platform", "-c", QUERY
    )
    assert result.returncode == 0, output_of(result)
    return result.stdout.splitlines()


def test_everything_acknowledged_five_seconds_before_the_volume_was_lost_comes_back(
    stack: Stack, verb: Callable[..., None]
) -> None:
    lose_the_volume(stack, verb)
    eventually(lambda: all_healthy(stack), 60)
    preview = stack.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, output_of(preview)


def lose_the_volume(stack: Stack, verb: Callable[..., None]) -> None:
    """Destroy the server with its volume while decisions are written, and bring it back."""
    with writing(lambda: stack.client("web")) as written:
        eventually(lambda: len(written.at) > 200, 60)
        time.sleep(6)
        docker_stack.docker("rm", "--force", *(stack.container(name) for name in SERVER))
        docker_stack.docker("volume", "rm", stack.container("postgres"))
        at = time.monotonic()
        verb()
        before = len(written.at)
        eventually(lambda: len(written.at) > before, 30)
        rto = time.monotonic() - at
    rpo = lost(written, at, decisions(stack))
    print(
        f"RPO {rpo:.1f} s, RTO {rto:.0f} s, {len(written.at)} decisions, {written.failed} refused"
    )
    assert rto < RTO


def test_a_restore_to_a_moment_between_two_batches_brings_exactly_the_first_and_can_be_interrupted(
    stack: Stack,
    verb: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = {decide(stack)["id"] for _ in range(20)}
    before = decisions(stack)
    time.sleep(1.1)  # AT has whole seconds
    between = datetime.now(UTC)
    time.sleep(1.1)
    second = {decide(stack)["id"] for _ in range(20)}
    stop = backups.moment(between.isoformat())
    eventually(lambda: (window := state(stack).window) and window.end > stop, 60)

    moment = f"{between:%Y-%m-%d %H:%M:%S}"
    with monkeypatch.context() as patch:
        patch.setattr(replace, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            verb(at=moment)
    assert stack.inspect("backend")["State"]["Status"] == "exited"
    with pytest.raises(click.ClickException, match=f"to {moment} UTC was interrupted"):
        verb()
    capsys.readouterr()
    verb(at=moment)
    output = capsys.readouterr().out
    assert f"goes on   with the interrupted restore to {moment} UTC" in output

    back = decisions(stack)
    assert sorted(back) == sorted(before)
    assert {row.partition("|")[0] for row in back} & second == set()
    assert first <= {row.partition("|")[0] for row in back}
    eventually(lambda: all_healthy(stack), 60)
    assert stack.inspect("backend")["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"

    server = docker_stack.inside(stack.workspace, "postgres")
    (kept,) = replaced.read(server)
    assert kept.name in output
    replaced.drop_replaced(stack.name, kept.name, confirmed=True)
    assert replaced.read(server) == []


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_damaged_backup_is_told_also_while_the_part_is_down_and_its_runbook_mends_it(
    stack: Stack, verb: Callable[..., None]
) -> None:
    with writing(lambda: stack.client("web")) as written:
        newest = state(stack).newest
        assert newest is not None
        with pytest.raises(click.ClickException, match=damage(stack, newest.id)):
            backup.drill(stack.name)
        eventually(lambda: scraped(stack, "platform_backup_drill_success == 0"), 45)

        docker_stack.docker("stop", stack.container(backups.WORKLOAD))
        # Nothing is wrong with the database: the part's last word counts while it is away.
        eventually(lambda: "RestoreDrillFailed" in firing(stack), 45)
        missing = 'ALERTS{alertname="TargetMissing", job="ai-platform-backup"}'
        eventually(lambda: scraped(stack, missing), 45)
        docker_stack.docker("start", stack.container(backups.WORKLOAD))
        eventually(lambda: well(stack), 60)

        mend = mending("RestoreDrillFailed")
        assert [make.__name__ for make in mend] == ["backup", "drill"]
        for make in mend:
            make(stack.name)
        eventually(lambda: "RestoreDrillFailed" not in firing(stack), 45)
    # The drill has compared those of the time without the part too.
    assert written.failed == 0
    back = {row.partition("|")[0]: row for row in decisions(stack)}
    assert {identity: back.get(identity) for identity in written.rows} == written.rows


def damage(stack: Stack, identity: str) -> str:
    """Write over the middle of the largest file of a base backup; return the file's path in it."""
    script = """
    cd /backups/barman/*/base/"$1"/data
    file=$(find . -type f -printf '%s %P\\n' | sort -n | tail -n 1 | cut -d' ' -f2)
    printf damaged | dd of="$file" bs=1 seek=20000 conv=notrunc status=none
    echo "$file"
    """
    result = stack.inside(backups.WORKLOAD, "sh", "-ec", script, "sh", identity)
    assert result.returncode == 0, output_of(result)
    return result.stdout.strip()


def mending(alert: str) -> list[Callable[[str], object]]:
    """The verbs with which the alert's runbook mends a file."""
    page = (ROOT / "docs" / "runbooks" / f"{alert}.md").read_text()
    (step,) = re.findall(r"^\d\. A file .*?(?=^\d\. )", page, re.MULTILINE | re.DOTALL)
    return [getattr(backup, verb) for verb in re.findall(r"`make (\w+)`", step)]


def firing(stack: Stack) -> set[str]:
    """The names of the alerts that Alertmanager would send."""
    with stack.client("alertmanager") as alertmanager:
        answer = alertmanager.get("/api/v2/alerts", params={"inhibited": "false"})
        answer.raise_for_status()
        return {alert["labels"]["alertname"] for alert in answer.json()}


def scraped(stack: Stack, query: str) -> list[object]:
    """What Prometheus has for a query."""
    with stack.client("prometheus") as prometheus:
        answer = prometheus.get("/api/v1/query", params={"query": query})
        answer.raise_for_status()
        found: list[object] = answer.json()["data"]["result"]
        return found
