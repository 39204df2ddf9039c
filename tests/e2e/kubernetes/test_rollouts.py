"""Roll-outs fail no request, and a failed roll-out leaves the old pods running.

Each `up` takes as long as a preview, so each test checks several facts.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.kubernetes.stack import ClusterStack, ready
from tests.e2e.load import under_load
from tests.e2e.stack import eventually, output_of, variables
from tests.e2e.test_life import OBSERVATION

PASSWORD = "the-users-own-password"

# The job fails until a Service with this name exists.
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
    # A pod that reaches no server may not use DNS either.
    reaches=(Address(workload="redis", port=6379),),
    limit=30,
    retries=0,
)
tiers = (data, cache, api, web, observability, GateTier([job]))
"""


def template(stack: ClusterStack) -> str:
    """The template hash of the backend's pods, which must be ready and have the same hash."""
    pods = stack.pods("backend")
    assert len(pods) == 2
    assert all(map(ready, pods))
    (template_hash,) = {pod["metadata"]["labels"]["pod-template-hash"] for pod in pods}
    return str(template_hash)


def test_a_deleted_pod_an_update_and_a_rollback_fail_no_request_under_load(
    stack: ClusterStack, entry: str
) -> None:
    original = template(stack)
    with under_load(entry, 10_000) as load:
        pod = stack.pods("backend")[0]["metadata"]["name"]
        stack.kubectl("delete", f"pod/{pod}", "--wait=true")
        stack.wait_ready()
        update = stack.up(api=variables(CACHE_TTL_SECONDS="301"))
        assert update.returncode == 0, output_of(update)
        assert template(stack) != original
        # The old ReplicaSet still exists. `up` ends only when its pods are ready.
        rollback = stack.up()
        assert rollback.returncode == 0, output_of(rollback)
        assert template(stack) == original
        print(f"{load.sent} requests sent until then")
    assert load.sent == 10_000
    assert load.failed == {}


def test_a_failed_roll_out_is_explained_keeps_the_old_pods_and_is_repeated(
    stack: ClusterStack, entry: str
) -> None:
    """An image does not exist, a service never becomes ready, and a job fails.

    None of the three starts after another: what starts after one that fails is not even tried.
    """
    before = stack.uids()
    images = {"references": {"postgres-exporter": "not-there/at-all:1"}}
    services = {"decision": {"ready": "/never", "start_budget": 10}}
    with stack.edited("__main__.py", "tiers = (data, cache, api, web, observability)\n", JOB):
        with under_load(entry, 2_000) as load:
            result = stack.up(images=images, api={"services": services})
        assert result.returncode != 0
        text = output_of(result)
        assert "not-there/at-all:1" in text, text
        assert "Readiness probe failed" in text, text
        assert "asking for the gate" in text, text
        assert "exit code 3" in text, text
        assert load.failed == {}
        for workload in ("postgres-exporter", "decision"):
            assert before[workload] <= stack.uids()[workload]

        # The unchanged job succeeds now, because the Service exists.
        stack.kubectl("create", "service", "clusterip", GATE, "--tcp=1")
        result = stack.up()
        stack.kubectl("delete", f"service/{GATE}")
        assert result.returncode == 0, output_of(result)
        assert stack.rolled(before) == set()
        (job,) = stack.get("jobs", "--selector=app.kubernetes.io/name=gate")["items"]
        assert job["status"]["succeeded"] == 1


def test_a_missing_postgresql_image_fails_every_up_until_it_is_corrected(
    stack: ClusterStack,
) -> None:
    with stack.reach("gateway", 8080, token=stack.token()) as web:
        decision = web.post("/api/decisions", json=OBSERVATION).json()
    backend = stack.uids()["backend"]
    missing = {"images": {"references": {"postgres": "ai-platform/postgres:not-there"}}}
    backend_change = {"services": {"backend": {"env": {"E2E": "changed"}}}}
    # Shorter budgets than the usual minutes are enough for this test.
    file = "components/data/builtin.py"
    with (
        stack.edited(file, "start_budget=120", "start_budget=5"),
        stack.edited(file, "failures=6", "failures=6, start_budget=5"),
        stack.edited(file, "stop_grace=120", "stop_grace=5"),
    ):
        first, second = (stack.up(**missing, api=backend_change) for _ in range(2))
    for result in (first, second):
        assert result.returncode != 0, output_of(result)
        assert "ai-platform-postgres-0 is Pending and not ready" in output_of(result), output_of(
            result
        )
        assert "ImagePull" in output_of(result), output_of(result)
        assert "ai-platform/postgres:not-there" in output_of(result), output_of(result)
    # Both updates held back the backend, which starts after PostgreSQL.
    assert stack.uids()["backend"] == backend
    says_what_is_down(stack)

    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert stack.all_ready()
    with stack.reach("gateway", 8080, token=stack.token()) as web:
        stored = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
    assert stored.json() == decision
    preview = stack.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, output_of(preview)


def says_what_is_down(stack: ClusterStack) -> None:
    """No backend is ready without its database, and the page still shows which part is down."""
    eventually(lambda: not any(map(ready, stack.pods("backend"))))
    with stack.reach("gateway", 8080) as web:
        status = web.get("/api/status")
        other = web.get("/api/openapi.json")
    assert status.status_code == 200, status.text
    parts = status.json()
    assert [parts[name]["up"] for name in ("database", "cache", "decision")] == [False, True, True]
    assert (other.status_code, other.json()["error"]) == (502, "unavailable")
    logs = stack.kubectl("logs", "deployment/ai-platform-backend", "--container=backend")
    changes = [line for line in logs.splitlines() if '"not ready: ' in line]
    assert len(changes) == 1
    assert "the database at ai-platform-postgres:5432" in changes[0]


@pytest.fixture
def existing_secret(stack: ClusterStack) -> Iterator[str]:
    """A Secret in the namespace that the stack did not create."""
    name = "e2e-own"
    literal = f"--from-literal=password={PASSWORD}"
    stack.kubectl("create", "secret", "generic", name, literal)
    yield name
    stack.kubectl("delete", f"secret/{name}")


def test_a_changed_file_or_secret_version_rolls_out_only_the_workloads_that_read_it(
    stack: ClusterStack, existing_secret: str
) -> None:
    def version(number: str) -> dict[str, Any]:
        existing = {"name": existing_secret, "key": "password", "version": number}
        return {"secrets": {"redis-app-password": existing}}

    script = "database/init/20-schema.sql"
    column = "ALTER TABLE decisions ADD COLUMN IF NOT EXISTS e2e text;"
    interval = ("evaluation_interval: 15s", "evaluation_interval: 14s")
    before = stack.uids()
    with (
        stack.edited("monitoring/prometheus/prometheus.yml", *interval),
        stack.edited(script, "\nCOMMIT;", f"\n{column}\nCOMMIT;"),
    ):
        first = stack.up(kubernetes=version("1"))
        assert first.returncode == 0, output_of(first)
        # The change reaches PostgreSQL without a restart.
        query = (
            'PGPASSWORD="$(cat /run/secrets/postgres-password)" '
            "psql -qtAX -h 127.0.0.1 -U postgres -d platform -c 'SELECT e2e FROM decisions LIMIT 0'"
        )
        column_exists = stack.in_pod("postgres", "sh", "-c", query)
        assert column_exists.returncode == 0, column_exists.stderr
        assert stack.rolled(before) == {"prometheus", "backend", "redis"}
        assert PASSWORD in stack.in_pod("backend", "cat", "/run/secrets/cache-url").stdout
        state = stack.workspace.pulumi(
            "stack", "export", "--show-secrets", "--stack", stack.name, quiet=True
        ).stdout
        assert PASSWORD not in state
        before = stack.uids()
        second = stack.up(kubernetes=version("2"))
    assert second.returncode == 0, output_of(second)
    assert stack.rolled(before) == {"backend", "redis"}
    assert stack.up().returncode == 0
