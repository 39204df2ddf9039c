"""What a deployment costs: no request, and nothing where it fails.

Each `up` takes as long as a whole preview, so that one test asks several questions about it.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.kubernetes.stack import ClusterStack, ready
from tests.e2e.load import under_load
from tests.e2e.stack import eventually, said
from tests.e2e.test_life import OBSERVATION

MARKED = "of-the-users-own"

# Fails until somebody makes a Service with this name.
GATE = "e2e-gate"
JOB = f"""\
from components.addresses import Address
from components.container import Resources
from components.tier import Tier
from components.workload import Job


class GateTier(Tier):
    name = "gate"


job = Job(
    name="gate",
    tier=GateTier.name,
    asked_by="a test",
    image=catalogue.image("redis"),
    entrypoint=("sh", "-c", "sleep 10; echo asking for the gate; getent hosts {GATE} || exit 3"),
    resources=Resources(memory=16, cpu=0.1),
    # What reaches nobody may not ask for names either.
    reaches=(Address(workload="redis", port=6379),),
    limit=30,
    retries=0,
)
tiers = (data, cache, api, web, observability, GateTier([job]))
"""


def template(stack: ClusterStack) -> str:
    """The hash of the one template that all pods of the backend have, which are ready."""
    pods = stack.pods("backend")
    assert len(pods) == 2
    assert all(map(ready, pods))
    (only,) = {pod["metadata"]["labels"]["pod-template-hash"] for pod in pods}
    return str(only)


def test_a_pod_that_goes_an_update_and_the_way_back_fail_no_request_under_load(
    running: ClusterStack, entry: str
) -> None:
    old = template(running)
    with under_load(entry, 10_000) as load:
        pod = running.pods("backend")[0]["metadata"]["name"]
        running.kubectl("delete", f"pod/{pod}", "--wait=true")
        running.wait_ready()
        updated = running.up(api={"cache_ttl": 301})
        assert updated.returncode == 0, said(updated)
        assert template(running) != old
        # To a ReplicaSet that still exists. `up` ends when its pods are ready, and not before.
        back = running.up()
        assert back.returncode == 0, said(back)
        assert template(running) == old
        print(f"{load.sent} requests sent until then")
    assert load.sent == 10_000
    assert load.failed == {}


def test_what_cannot_start_is_explained_leaves_the_old_pods_serving_and_is_tried_again(
    running: ClusterStack, entry: str
) -> None:
    """An image that is nowhere, a service that never becomes ready, and a job that fails.

    None of the three starts after another: what starts after one that fails is not even tried.
    """
    before = running.uids()
    images = {"references": {"postgres-exporter": "not-there/at-all:1"}}
    services = {"decision": {"ready": "/never", "start_budget": 10}}
    with running.edited("__main__.py", "tiers = (data, cache, api, web, observability)\n", JOB):
        with under_load(entry, 2_000) as load:
            result = running.up(images=images, api={"services": services})
        assert result.returncode != 0
        text = said(result)
        assert "not-there/at-all:1" in text, text
        assert "Readiness probe failed" in text, text
        assert "asking for the gate" in text, text
        assert "exit code 3" in text, text
        assert load.failed == {}
        for workload in ("postgres-exporter", "decision"):
            assert before[workload] <= running.uids()[workload]

        # The job is unchanged. What it needs is there now, so another try succeeds.
        running.kubectl("create", "service", "clusterip", GATE, "--tcp=1")
        again = running.up()
        assert again.returncode == 0, said(again)
        assert running.rolled(before) == {"gate"}
        (job,) = running.get("jobs")["items"]
        assert job["status"]["succeeded"] == 1
    running.kubectl("delete", f"service/{GATE}")


def test_a_postgresql_image_that_does_not_exist_fails_each_up_until_it_is_set_back(
    running: ClusterStack,
) -> None:
    with running.reach("frontend", 8080, token=running.token()) as web:
        decision = web.post("/api/decisions", json=OBSERVATION).json()
    backend = running.uids()["backend"]
    missing = {"images": {"references": {"postgres": "ai-platform/postgres:not-there"}}}
    behind = {"services": {"backend": {"env": {"E2E": "changed"}}}}
    # Of the minutes that its start and its end may take, none is needed to prove this.
    file = "components/data/builtin.py"
    with (
        running.edited(file, "start_budget=120", "start_budget=5"),
        running.edited(file, "failures=6", "failures=6, start_budget=5"),
        running.edited(file, "stop_grace=120", "stop_grace=5"),
    ):
        first, second = (running.up(**missing, api=behind) for _ in range(2))
    for result in (first, second):
        assert result.returncode != 0, said(result)
        assert "ai-platform-postgres-0 is Pending and not ready" in said(result), said(result)
        assert "ImagePull" in said(result), said(result)
        assert "ai-platform/postgres:not-there" in said(result), said(result)
    # What starts after PostgreSQL was held back both times.
    assert running.uids()["backend"] == backend

    again = running.up()
    assert again.returncode == 0, said(again)
    assert running.all_ready()
    with running.reach("frontend", 8080, token=running.token()) as web:
        stored = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
    assert stored.json() == decision
    preview = running.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, said(preview)


@pytest.fixture
def own_secret(running: ClusterStack) -> Iterator[str]:
    """A Secret that somebody else made in the namespace."""
    name = "e2e-own"
    literal = f"--from-literal=password={MARKED}"
    running.kubectl("create", "secret", "generic", name, literal)
    yield name
    running.kubectl("delete", f"secret/{name}")


def test_a_changed_file_and_another_version_of_a_secret_roll_who_reads_them_and_nobody_else(
    running: ClusterStack, own_secret: str
) -> None:
    def version(number: str) -> dict[str, Any]:
        existing = {"name": own_secret, "key": "password", "version": number}
        return {"secrets": {"redis-app-password": existing}}

    script = "database/init/20-schema.sql"
    first_line = (running.tree / script).read_text().partition("\n")[0]
    interval = ("evaluation_interval: 15s", "evaluation_interval: 14s")
    before = running.uids()
    with (
        running.edited("monitoring/prometheus/prometheus.yml", *interval),
        running.edited(script, first_line, f"{first_line}\n-- changed"),
    ):
        first = running.up(kubernetes=version("1"))
        assert first.returncode == 0, said(first)
        # What acts on an empty volume only is no reason to start PostgreSQL again.
        assert "20-schema.sql of postgres changed. It acts on an empty volume only" in said(first)
        assert running.rolled(before) == {"prometheus", "backend", "redis"}
        assert MARKED in running.in_pod("backend", "cat", "/run/secrets/cache-url").stdout
        state = running.workspace.pulumi(
            "stack", "export", "--show-secrets", "--stack", running.name, quiet=True
        ).stdout
        assert MARKED not in state
        before = running.uids()
        second = running.up(kubernetes=version("2"))
    assert second.returncode == 0, said(second)
    assert running.rolled(before) == {"backend", "redis"}
    assert running.up().returncode == 0
