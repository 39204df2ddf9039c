"""What a deployment costs: no request, and nothing where it fails."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.kubernetes.load import under_load
from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually, said

BACKEND = "deployment/ai-platform-backend"
ENTRY = "e2e-entry"
MARKED = "of-the-users-own"


def test_deleting_a_backend_pod_under_load_fails_no_request(
    running: ClusterStack, entry: str
) -> None:
    with under_load(entry, 5_000) as load:
        pod = running.pods("backend")[0]["metadata"]["name"]
        running.kubectl("delete", f"pod/{pod}", "--wait=true")
    assert load.sent == 5_000
    assert load.failed == {}
    running.wait_ready()


def test_a_rolling_update_under_load_fails_no_request(running: ClusterStack, entry: str) -> None:
    before = running.uids()
    with under_load(entry, 10_000) as load:
        result = running.up(api={"cache_ttl": 301})
    assert result.returncode == 0, said(result)
    assert load.sent == 10_000
    assert load.failed == {}
    assert "backend" in running.rolled(before)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"image": "not-there/at-all:1"}, "not-there/at-all:1"),
        ({"ready": "/never"}, "Readiness probe failed"),
    ],
    ids=["an image that does not exist", "one that never becomes ready"],
)
def test_a_backend_that_cannot_start_leaves_the_old_one_serving(
    running: ClusterStack, entry: str, change: dict[str, str], reason: str
) -> None:
    before = running.uids()["backend"]
    with under_load(entry, 2_000) as load:
        result = running.up(api={"services": {"backend": {**change, "start_budget": 10}}})
    assert result.returncode != 0
    assert reason in said(result), said(result)
    assert load.failed == {}
    assert before <= running.uids()["backend"]
    again = running.up()
    assert again.returncode == 0, said(again)
    eventually(lambda: running.all_ready(), 60, 1)


def test_a_changed_rule_rolls_prometheus_and_nothing_else(running: ClusterStack) -> None:
    path = running.tree / "monitoring" / "prometheus" / "rules" / "cache.yml"
    good, before = path.read_text(), running.uids()
    path.write_text(good + "# a comment that changes the file\n# and nothing else\n")
    rule = running.tree / "monitoring" / "prometheus" / "prometheus.yml"
    text = rule.read_text()
    rule.write_text(text.replace("evaluation_interval: 15s", "evaluation_interval: 14s"))
    result = running.up()
    assert result.returncode == 0, said(result)
    assert running.rolled(before) == {"prometheus"}
    path.write_text(good)
    rule.write_text(text)
    assert running.up().returncode == 0


def test_a_changed_init_script_says_that_it_acts_on_an_empty_volume_only_and_rolls_nothing(
    running: ClusterStack,
) -> None:
    path = running.tree / "database" / "init" / "20-schema.sql"
    good, before = path.read_text(), running.uids()
    path.write_text(good + "\n-- changed\n")
    result = running.up()
    assert result.returncode == 0, said(result)
    assert "20-schema.sql of postgres changed: it acts on an empty volume only" in said(result)
    assert running.rolled(before) == set()
    path.write_text(good)
    assert running.up().returncode == 0


@pytest.fixture
def own_secret(running: ClusterStack) -> Iterator[str]:
    """A Secret that somebody else made in the namespace."""
    name = "e2e-own"
    literal = f"--from-literal=password={MARKED}"
    running.kubectl("create", "secret", "generic", name, literal)
    yield name
    running.kubectl("delete", f"secret/{name}")


def test_another_version_of_an_existing_secret_rolls_its_users_and_nothing_else(
    running: ClusterStack, own_secret: str
) -> None:
    def version(number: str) -> dict[str, Any]:
        existing = {"name": own_secret, "key": "password", "version": number}
        return {"secrets": {"redis-app-password": existing}}

    first = running.up(kubernetes=version("1"))
    assert first.returncode == 0, said(first)
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
