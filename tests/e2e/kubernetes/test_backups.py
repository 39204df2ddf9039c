"""The databases come back on a cluster: after their claim is lost, and to a moment of the past."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx2
import pytest

from operations import backups, stack_file
from operations.backups import Backups
from operations.kubernetes_workloads import REPLICAS
from operations.restore import restore
from operations.workspace import Workspace
from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually, output_of
from tests.e2e.test_life import OBSERVATION
from tests.e2e.written import QUERY, lost, writing

# Seconds. A gigabyte takes no longer either (make soak).
RTO = 300
CLAIM = "persistentvolumeclaim/ai-platform-postgres"


@pytest.fixture
def verb(stack: ClusterStack, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The verb `restore` for the stack, which has a backup and streams its log."""
    monkeypatch.setenv("KUBECONFIG", "")  # the verb sets it, and the test restores it
    monkeypatch.setattr(Workspace, "of", lambda name: stack.workspace)
    part = backups.part(stack.workspace, stack_file.settings(stack.workspace))
    eventually(lambda: well(backups.read(part)), 90)
    return lambda **options: restore(stack.name, yes=True, **options)


def well(now: Backups) -> bool:
    return now.newest is not None and now.archiving.state == "streaming"


def decisions(stack: ClusterStack) -> list[str]:
    psql = ("psql", "-qAtX", "-U", "postgres", "-d", "platform", "-c", QUERY)
    result = stack.in_pod("postgres", *psql)
    assert result.returncode == 0, output_of(result)
    return result.stdout.splitlines()


def test_everything_acknowledged_five_seconds_before_the_claim_was_lost_comes_back(
    stack: ClusterStack, verb: Callable[..., None]
) -> None:
    headers = {"Authorization": f"Bearer {stack.token()}"}
    with stack.forward("gateway", 8080) as port:
        url = f"http://127.0.0.1:{port}"
        with writing(lambda: httpx2.Client(base_url=url, headers=headers, timeout=10)) as written:
            eventually(lambda: len(written.at) > 200, 60)
            time.sleep(6)
            stack.kubectl("delete", CLAIM, "--wait=false")
            stack.kubectl("delete", "pod/ai-platform-postgres-0", "--grace-period=0", "--force")
            at = time.monotonic()
            verb()
            before = len(written.at)
            eventually(lambda: len(written.at) > before, 60)
            rto = time.monotonic() - at
    rpo = lost(written, at, decisions(stack))
    print(f"RPO {rpo:.1f} s, RTO {rto:.0f} s of {len(written.at)} decisions")
    assert rto < RTO
    stack.wait_ready()
    preview = stack.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, output_of(preview)


def test_a_restore_to_a_moment_between_two_batches_brings_exactly_the_first(
    stack: ClusterStack, verb: Callable[..., None]
) -> None:
    replicas = stack.get("deployment/ai-platform-backend")["spec"]["replicas"]

    def decide() -> str:
        answer = web.post("/api/decisions", json=OBSERVATION)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    with stack.reach("gateway", 8080, token=stack.token()) as web:
        first = {decide() for _ in range(20)}
        before = decisions(stack)
        time.sleep(1.1)  # AT has whole seconds
        between = datetime.now(UTC)
        time.sleep(1.1)
        second = {decide() for _ in range(20)}
    stop = backups.moment(between.isoformat())
    part = backups.part(stack.workspace, stack_file.settings(stack.workspace))
    eventually(lambda: (window := backups.read(part).window) and window.end > stop, 60)
    verb(at=f"{between:%Y-%m-%d %H:%M:%S}")

    back = decisions(stack)
    assert sorted(back) == sorted(before)
    identities = {row.partition("|")[0] for row in back}
    assert first <= identities
    assert second & identities == set()
    backend = stack.get("deployment/ai-platform-backend")
    assert backend["spec"]["replicas"] == backend["status"]["readyReplicas"] == replicas
    assert REPLICAS not in backend["metadata"]["annotations"]
    stack.wait_ready()
