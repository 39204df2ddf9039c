"""The databases come back on a cluster: after their claim is lost, and to a moment of the past. The
files of a service come back from a bucket."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from components.images import ENTRIES
from operations import backups, docker_stack, kept, stack_file
from operations.backups import Backups
from operations.kubernetes_workloads import REPLICAS, RUNNING
from operations.restore import replace, restore
from operations.restore_files import restore_files
from operations.workspace import Workspace
from tests.e2e import bucket
from tests.e2e.bucket import BucketServer, Keys
from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually, free_ports, output_of
from tests.e2e.test_life import OBSERVATION
from tests.e2e.written import QUERY, lost, writing

# Seconds. A gigabyte takes no longer either (make soak).
RTO = 300
CLAIM = "persistentvolumeclaim/ai-platform-postgres"
BACKEND = "deployment/ai-platform-backend"
TICK = "cronjob/ai-platform-backend-tick"
NOTES = "notes"
KEYS = Keys(access="e2e-access", secret="e2e-secret-key")
BUCKET_SECRET = "e2e-bucket"
BUCKET_SECRETS = {
    "backup-access-key": KEYS.access,
    "backup-secret-key": KEYS.secret,
    "backup-passphrase": "e2e phrase",
}


@pytest.fixture
def verb(stack: ClusterStack, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The verb `restore` for the stack, which has a backup and streams its log."""
    monkeypatch.setenv("KUBECONFIG", "")  # the verb sets it, and the test restores it
    monkeypatch.setattr(Workspace, "of", lambda name: stack.workspace)
    part = backups.part(stack.workspace, stack_file.settings(stack.workspace))
    eventually(lambda: well(backups.read(part)), 90)
    return lambda **options: restore(stack.name, yes=True, **options)


@pytest.fixture(scope="module")
def server() -> Iterator[BucketServer]:
    server = bucket.start_on_host(free_ports(("bucket",))["bucket"], KEYS)
    yield server
    docker_stack.docker("rm", "--force", "--volumes", server.container.id)


@pytest.fixture(scope="module")
def changes(stack: ClusterStack, server: BucketServer) -> Iterator[Mapping[str, Any]]:
    """The stack has a service with a volume, a job on a schedule, an autoscaler and a bucket."""
    pairs = (f"--from-literal={key}={value}" for key, value in BUCKET_SECRETS.items())
    stack.kubectl("create", "secret", "generic", BUCKET_SECRET, *pairs)
    changes = _changes(stack, server)
    result = stack.up(**changes)
    assert result.returncode == 0, output_of(result)
    # It sets the number that the program sets, so neither takes it from the other.
    stack.kubectl("autoscale", BACKEND, "--min=2", "--max=2", "--cpu-percent=80")
    yield changes
    stack.kubectl("delete", "hpa/ai-platform-backend")
    (volume,) = (item for item in kept.kept(stack.workspace) if item.short == f"{NOTES}-data")
    unprotect = ("state", "unprotect", volume.urn, "--yes", "--stack", stack.name)
    stack.workspace.pulumi(*unprotect, quiet=True)
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    stack.kubectl("delete", f"secret/{BUCKET_SECRET}")


def _changes(stack: ClusterStack, server: BucketServer) -> dict[str, Any]:
    python = ENTRIES["python"]
    debian = stack.settings["images"].get("catalogue") == "debian"
    notes = {
        "image": python.debian if debian else python.official,
        "command": ["python3", "-m", "http.server", "8000"],
        "health": "/",
        "metrics": None,
        "data_volume": {"path": "/notes", "size": "64Mi"},
        "cpu_request": 0.02,
    }
    tick = {"schedule": "* * * * *", "command": ["true"]}
    address = httpx2.URL(server.url).host
    offsite = {"endpoint": server.url, "bucket": "e2e", "cidrs": [f"{address}/32"]}
    secrets = {key: {"name": BUCKET_SECRET, "key": key, "version": "1"} for key in BUCKET_SECRETS}
    return {
        "api": {"services": {NOTES: notes, "backend": {"jobs": {"tick": tick}}}},
        "data": {"backup": {"offsite": offsite}},
        "kubernetes": {"secrets": secrets},
    }


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


def test_the_files_of_a_service_come_back_from_the_bucket(
    stack: ClusterStack, changes: Mapping[str, Any], verb: Callable[..., None]
) -> None:
    def run(*command: str, container: str = NOTES) -> str:
        result = stack.in_pod(NOTES, *command, container=container)
        assert result.returncode == 0, output_of(result)
        return result.stdout

    run("sh", "-c", "echo kept > /notes/note; mkdir /notes/sub")
    run("backup", "files", "now", container=f"{NOTES}-files")
    run("sh", "-c", "echo spoilt > /notes/note; rmdir /notes/sub")
    restore_files(stack.name, NOTES, yes=True)
    assert run("sh", "-c", "cat /notes/note; ls -d /notes/sub") == "kept\n/notes/sub\n"


def test_a_restore_to_a_moment_between_two_batches_brings_exactly_the_first(
    stack: ClusterStack,
    changes: Mapping[str, Any],
    verb: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Meanwhile neither the autoscaler nor the schedule starts what writes."""
    during: dict[str, Any] = {}
    original = replace.replace

    def watched(*arguments: Any) -> Any:
        server = original(*arguments)
        during.update(
            backend=(stack.get(BACKEND)["spec"]["replicas"], stack.pods("backend")),
            tick=stack.get(TICK)["spec"]["suspend"],
        )
        return server

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
    monkeypatch.setattr(replace, "replace", watched)
    verb(at=f"{between:%Y-%m-%d %H:%M:%S}")

    back = decisions(stack)
    assert sorted(back) == sorted(before)
    identities = {row.partition("|")[0] for row in back}
    assert first <= identities
    assert second & identities == set()
    assert during == {"backend": (0, []), "tick": True}
    backend, tick = stack.get(BACKEND), stack.get(TICK)
    assert backend["spec"]["replicas"] == backend["status"]["readyReplicas"] == 2
    assert not tick["spec"].get("suspend")
    assert {REPLICAS, RUNNING} & {
        *backend["metadata"]["annotations"],
        *tick["metadata"]["annotations"],
    } == set()
    stack.wait_ready()
