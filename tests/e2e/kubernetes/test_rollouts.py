"""What a deployment costs: no request, and nothing where it fails.

Each `up` takes as long as a whole preview, so that one test asks several questions about it.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.kubernetes.stack import ClusterStack, ready
from tests.e2e.load import under_load
from tests.e2e.stack import eventually, output_of
from tests.e2e.test_life import OBSERVATION

MARKED = "of-the-users-own"

# Fails until somebody makes a Service with this name.
GATE = "e2e-gate"
JOB = f"""\
from components.tier import Tier
from components.workload import Address, Job, Resources

job = Job(
    name="gate",
    tier="gate",
    asked_by="a test",
    image=catalogue.image("redis"),
    entrypoint=("sh", "-c", "sleep 10; echo asking for the gate; getent hosts {GATE} || exit 3"),
    resources=Resources(memory=16, cpu=0.1),
    # What reaches nobody may not ask for names either.
    reaches=(Address(workload="redis", port=6379),),
    limit=30,
    retries=0,
)
tiers = (*serving, observability, Tier("gate", [job]))
"""


def template(stack: ClusterStack) -> str:
    """The hash of the one template that all pods of the backend have, which are ready."""
    pods = stack.pods("backend")
    assert len(pods) == 2
    assert all(map(ready, pods))
    (only,) = {pod["metadata"]["labels"]["pod-template-hash"] for pod in pods}
    return str(only)


def test_a_pod_that_goes_an_update_and_the_way_back_fail_no_request_under_load(
    stack: ClusterStack, entry: str
) -> None:
    old = template(stack)
    with under_load(entry, 10_000) as load:
        pod = stack.pods("backend")[0]["metadata"]["name"]
        stack.kubectl("delete", f"pod/{pod}", "--wait=true")
        stack.wait_ready()
        updated = stack.up(api={"cache_ttl": 301})
        assert updated.returncode == 0, output_of(updated)
        assert template(stack) != old
        # To a ReplicaSet that still exists. `up` ends when its pods are ready, and not before.
        back = stack.up()
        assert back.returncode == 0, output_of(back)
        assert template(stack) == old
        print(f"{load.sent} requests sent until then")
    assert load.sent == 10_000
    assert load.failed == {}


def test_what_cannot_start_is_explained_leaves_the_old_pods_serving_and_is_tried_again(
    stack: ClusterStack, entry: str
) -> None:
    """An image that is nowhere, a service that never becomes ready, and a job that fails."""
    before = stack.uids()
    services = {
        "backend": {"image": "not-there/at-all:1", "start_budget": 10},
        "decision": {"ready": "/never", "start_budget": 10},
    }
    with stack.edited("__main__.py", "tiers = (*serving, observability)\n", JOB):
        with under_load(entry, 2_000) as load:
            result = stack.up(api={"services": services})
        assert result.returncode != 0
        text = output_of(result)
        assert "not-there/at-all:1" in text, text
        assert "Readiness probe failed" in text, text
        assert "asking for the gate" in text, text
        assert "exit code 3" in text, text
        assert load.failed == {}
        for workload in services:
            assert before[workload] <= stack.uids()[workload]

        # The job is unchanged. What it needs is there now, so another try succeeds.
        stack.kubectl("create", "service", "clusterip", GATE, "--tcp=1")
        again = stack.up()
        assert again.returncode == 0, output_of(again)
        assert stack.rolled(before) == {"gate"}
        (job,) = stack.get("jobs")["items"]
        assert job["status"]["succeeded"] == 1
    stack.kubectl("delete", f"service/{GATE}")


def test_a_postgresql_image_that_does_not_exist_fails_each_up_until_it_is_set_back(
    stack: ClusterStack,
) -> None:
    with stack.reach("frontend", 8080, token=stack.token()) as web:
        decision = web.post("/api/decisions", json=OBSERVATION).json()
    backend = stack.uids()["backend"]
    missing = {"images": {"references": {"postgres": "ai-platform/postgres:not-there"}}}
    behind = {"services": {"backend": {"env": {"E2E": "changed"}}}}
    # Of the minutes that its start and its end may take, none is needed to prove this.
    file = "components/data.py"
    with (
        stack.edited(file, "start_budget=120", "start_budget=5"),
        stack.edited(file, "failures=6", "failures=6, start_budget=5"),
        stack.edited(file, "stop_grace=120", "stop_grace=5"),
    ):
        first, second = (stack.up(**missing, api=behind) for _ in range(2))
    for result in (first, second):
        assert result.returncode != 0, output_of(result)
        assert "ai-platform-postgres-0 is Pending and not ready" in output_of(result), output_of(
            result
        )
        assert "ImagePull" in output_of(result), output_of(result)
        assert "ai-platform/postgres:not-there" in output_of(result), output_of(result)
    # What starts after PostgreSQL was held back both times.
    assert stack.uids()["backend"] == backend

    again = stack.up()
    assert again.returncode == 0, output_of(again)
    assert stack.all_ready()
    with stack.reach("frontend", 8080, token=stack.token()) as web:
        stored = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
    assert stored.json() == decision
    preview = stack.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, output_of(preview)


@pytest.fixture
def own_secret(stack: ClusterStack) -> Iterator[str]:
    """A Secret that somebody else made in the namespace."""
    name = "e2e-own"
    literal = f"--from-literal=password={MARKED}"
    stack.kubectl("create", "secret", "generic", name, literal)
    yield name
    stack.kubectl("delete", f"secret/{name}")


def test_a_changed_file_and_another_version_of_a_secret_roll_who_reads_them_and_nobody_else(
    stack: ClusterStack, own_secret: str
) -> None:
    def version(number: str) -> dict[str, Any]:
        existing = {"name": own_secret, "key": "password", "version": number}
        return {"secrets": {"redis-app-password": existing}}

    script = "database/init/20-schema.sql"
    first_line = (stack.tree / script).read_text().partition("\n")[0]
    interval = ("evaluation_interval: 15s", "evaluation_interval: 14s")
    before = stack.uids()
    with (
        stack.edited("monitoring/prometheus/prometheus.yml", *interval),
        stack.edited(script, first_line, f"{first_line}\n-- changed"),
    ):
        first = stack.up(kubernetes=version("1"))
        assert first.returncode == 0, output_of(first)
        # What acts on an empty volume only is no reason to start PostgreSQL again.
        assert "20-schema.sql of postgres changed: it acts on an empty volume only" in output_of(
            first
        )
        assert stack.rolled(before) == {"prometheus", "backend", "redis"}
        assert MARKED in stack.in_pod("backend", "cat", "/run/secrets/cache-url").stdout
        state = stack.workspace.pulumi(
            "stack", "export", "--show-secrets", "--stack", stack.name, quiet=True
        ).stdout
        assert MARKED not in state
        before = stack.uids()
        second = stack.up(kubernetes=version("2"))
    assert second.returncode == 0, output_of(second)
    assert stack.rolled(before) == {"backend", "redis"}
    assert stack.up().returncode == 0
