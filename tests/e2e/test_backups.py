"""The databases come back: after their volume is lost, and to a moment of the past."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from operations import backups, docker_stack, replaced, stack_file
from operations.backups import Backups
from operations.restore import replace, restore
from operations.workspace import Workspace
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
    with writing(lambda: stack.client("web")) as written:
        eventually(lambda: len(written.at) > 200, 60)
        time.sleep(6)
        server = [
            stack.container(name) for name in ("postgres", "postgres-volumes", "postgres-restore")
        ]
        docker_stack.docker("rm", "--force", *server)
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
    eventually(lambda: all_healthy(stack), 60)
    preview = stack.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, output_of(preview)


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

    with monkeypatch.context() as patch:
        patch.setattr(replace, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            verb(at=f"{between:%Y-%m-%d %H:%M:%S}")
    assert stack.inspect("backend")["State"]["Status"] == "exited"
    capsys.readouterr()
    verb()
    output = capsys.readouterr().out
    assert f"goes on   with the interrupted restore to {between:%Y-%m-%d %H:%M:%S} UTC" in output

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
