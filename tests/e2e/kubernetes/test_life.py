"""From an empty namespace to a platform that keeps what it is given."""

import json

from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack
from tests.e2e.stack import eventually, said
from tests.e2e.test_life import OBSERVATION

OUTPUTS = {"target", "endpoints", "images", "logins"}


def test_from_an_empty_namespace_up_ends_with_every_pod_ready(running: ClusterStack) -> None:
    pods = running.pods()
    assert len(pods) >= 12
    assert running.all_ready()


def test_the_namespace_enforces_restricted_and_everything_runs_in_it(running: ClusterStack) -> None:
    labels = running.cluster.get("namespace", NAMESPACE)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert running.all_ready()


def test_the_outputs_have_the_same_keys_as_on_docker(running: ClusterStack) -> None:
    outputs = running.workspace.outputs()
    assert set(outputs) == OUTPUTS
    assert set(outputs["endpoints"]) == {
        "web",
        "backend",
        "decision",
        "grafana",
        "prometheus",
        "alertmanager",
    }


def test_a_decision_is_stored_then_cached_and_survives_the_deletion_of_every_pod(
    running: ClusterStack,
) -> None:
    token = running.token()
    with running.reach("frontend", 8080, token=token) as web:
        posted = web.post("/api/decisions", json=OBSERVATION)
        assert posted.status_code == 201, posted.text
        decision = posted.json()
        path = f"/api/decisions/{decision['id']}"
        first, second = web.get(path), web.get(path)
    assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("miss", "hit")
    assert first.json() == second.json() == decision

    before = running.uids()
    running.kubectl("delete", "pods", "--all", "--wait=true")
    running.wait_ready()
    assert running.rolled(before) == set(before)
    with running.reach("frontend", 8080, token=token) as web:
        again = eventually(lambda: web.get(path))
        assert again.json() == decision


def test_a_second_up_and_a_preview_change_nothing(running: ClusterStack) -> None:
    before = running.uids()
    up, preview = running.up(), running.pulumi("preview", "--expect-no-changes")
    assert up.returncode == 0, said(up)
    assert preview.returncode == 0, said(preview)
    assert running.rolled(before) == set()


def test_a_preview_on_a_machine_without_a_cluster_shows_nothing_but_the_real_change(
    running: ClusterStack,
) -> None:
    here = running.workspace
    away = running.without_cluster()
    same = away.pulumi("preview", "--expect-no-changes", "--stack", running.name, quiet=True)
    assert same.returncode == 0
    running.write({"api": {"log_level": "DEBUG"}})
    away.prepare()
    result = away.pulumi("preview", "--json", "--stack", running.name, quiet=True)
    steps = json.loads(result.stdout)["steps"]
    changed = {
        step["urn"].rpartition("::")[2]: step["op"] for step in steps if step["op"] != "same"
    }
    running.write({})
    here.prepare()
    assert {name: op for name, op in changed.items() if op != "read"} == {
        "backend": "update",
        "decision": "update",
    }


def test_refresh_shows_a_change_by_hand_and_up_mends_it(running: ClusterStack) -> None:
    name = "deployment/ai-platform-decision"
    running.kubectl("set", "env", name, "LOG_LEVEL=DEBUG")
    # Somebody else's: what kubectl owns under its own name, the provider takes over.
    somebody = "--field-manager=somebody"
    running.kubectl("annotate", name, "example.com/added-beside=yes", somebody)
    refreshed = running.pulumi("refresh", "--yes", "--skip-preview")
    assert refreshed.returncode == 0, said(refreshed)
    assert "updated" in said(refreshed), said(refreshed)
    up = running.up()
    assert up.returncode == 0, said(up)
    found = running.get(name)
    (container,) = found["spec"]["template"]["spec"]["containers"]
    assert {"name": "LOG_LEVEL", "value": "INFO"} in container["env"]
    assert found["metadata"]["annotations"]["example.com/added-beside"] == "yes"
    preview = running.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, said(preview)
