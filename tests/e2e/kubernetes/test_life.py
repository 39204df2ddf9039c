"""A new stack on a cluster becomes ready, answers, and keeps its data."""

import base64
import json
import subprocess

import click
import pytest

from operations import destination, stack_file
from operations.plan.previews import deployed
from tests.e2e.kubernetes.stack import DEPLOYER, NAMESPACE, ClusterStack
from tests.e2e.stack import eventually, output_of, variables
from tests.e2e.test_life import OBSERVATION

OUTPUTS = {"target", "endpoints", "images", "logins"}


def test_up_creates_a_stack_with_ready_pods_with_no_right_outside_its_namespace(
    stack: ClusterStack,
) -> None:
    deployer = f"--as=system:serviceaccount:{NAMESPACE}:{DEPLOYER}"
    with pytest.raises(subprocess.CalledProcessError, match="non-zero"):
        stack.cluster.kubectl("auth", "can-i", "get", "namespace/kube-system", deployer)
    assert len(stack.pods()) >= 12
    assert stack.all_ready()


def test_the_outputs_have_the_same_keys_as_on_docker(stack: ClusterStack) -> None:
    outputs = stack.workspace.outputs()
    assert set(outputs) == OUTPUTS
    assert set(outputs["endpoints"]) == {
        "web",
        "backend",
        "decision",
        "grafana",
        "prometheus",
        "alertmanager",
    }


def test_the_exported_state_contains_no_plain_secret(stack: ClusterStack) -> None:
    export = ("stack", "export", "--stack", stack.name)
    state = stack.workspace.pulumi(*export, quiet=True).stdout
    plain = json.loads(stack.workspace.pulumi(*export, "--show-secrets", quiet=True).stdout)
    passwords = [
        json.loads(resource["outputs"]["result"]["plaintext"])
        for resource in plain["deployment"]["resources"]
        if resource["type"] == "random:index/randomPassword:RandomPassword"
    ]
    assert len(passwords) > 5
    for password in passwords:
        encoded = base64.b64encode(password.encode()).decode()
        assert password not in state
        assert encoded not in state


def test_a_decision_is_stored_then_cached_and_survives_the_deletion_of_every_pod(
    stack: ClusterStack,
) -> None:
    token = stack.token()
    with stack.reach("gateway", 8080, token=token) as web:
        answer = web.post("/api/decisions", json=OBSERVATION)
        assert answer.status_code == 201, answer.text
        decision = answer.json()
        path = f"/api/decisions/{decision['id']}"
        first, second = web.get(path), web.get(path)
    assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("miss", "hit")
    assert first.json() == second.json() == decision

    before = stack.uids()
    stack.kubectl("delete", "pods", "--all", "--wait=true")
    stack.wait_ready()
    assert stack.rolled(before) == set(before)
    with stack.reach("gateway", 8080, token=token) as web:
        answer = eventually(lambda: web.get(path))
        assert answer.json() == decision


def test_a_second_up_and_a_preview_change_nothing(stack: ClusterStack) -> None:
    before = stack.uids()
    up, preview = stack.up(), stack.pulumi("preview", "--expect-no-changes")
    assert up.returncode == 0, output_of(up)
    assert preview.returncode == 0, output_of(preview)
    assert stack.rolled(before) == set()


def test_up_shows_the_plan_and_names_the_cluster_before_it_changes_anything(
    stack: ClusterStack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests have no terminal on which somebody could answer."""
    monkeypatch.setenv("KUBECONFIG", "")  # the verb sets it, and the test restores it
    stack.write({"api": variables(LOG_LEVEL="DEBUG")})
    stack.workspace.write_files()
    settings = stack_file.settings(stack.workspace)
    place = destination.find(settings.kubernetes, stack.workspace)
    plan = deployed(stack.workspace)
    stack.write({})
    stack.workspace.write_files()
    with pytest.raises(click.UsageError, match="Change the stack e2e-cluster as shown") as refusal:
        destination.confirm(stack.workspace, place, plan, yes=False)
    port = stack.cluster.local_cluster.ports.api
    assert f"the cluster at https://127.0.0.1:{port} (context" in refusal.value.message
    output = capsys.readouterr().out
    assert "changed  Deployment backend" in output
    assert "changed  Deployment decision" in output
    assert set(plan.steps.values()) == {"changed"}


def test_a_preview_on_a_machine_without_a_cluster_shows_only_the_changes(
    stack: ClusterStack,
) -> None:
    workspace = stack.workspace
    without_cluster = stack.without_cluster()
    unchanged = without_cluster.pulumi(
        "preview", "--expect-no-changes", "--stack", stack.name, quiet=True
    )
    assert unchanged.returncode == 0
    stack.write({"api": variables(LOG_LEVEL="DEBUG")})
    without_cluster.prepare()
    result = without_cluster.pulumi("preview", "--json", "--stack", stack.name, quiet=True)
    steps = json.loads(result.stdout)["steps"]
    operations = {
        step["urn"].rpartition("::")[2]: step["op"] for step in steps if step["op"] != "same"
    }
    stack.write({})
    workspace.prepare()
    assert {name: op for name, op in operations.items() if op != "read"} == {
        "backend": "update",
        "decision": "update",
    }


def test_refresh_detects_manual_changes_and_up_reverts_them(
    stack: ClusterStack,
) -> None:
    backend, decision = "deployment/ai-platform-backend", "deployment/ai-platform-decision"
    budget, policy = "poddisruptionbudget/ai-platform-backend", "networkpolicy/ai-platform-redis"
    objects = (backend, decision, budget, policy)
    specs = {name: stack.get(name)["spec"] for name in objects}
    stack.kubectl("scale", backend, "--replicas=1")
    stack.kubectl("set", "env", decision, "LOG_LEVEL=DEBUG")
    stack.kubectl("patch", budget, "--type=merge", '--patch={"spec": {"maxUnavailable": 0}}')
    stack.kubectl("delete", policy)
    # With another field manager: the provider takes over the fields of kubectl.
    manager = "--field-manager=example"
    stack.kubectl("annotate", decision, "example.com/added-beside=yes", manager)
    refresh = stack.pulumi("refresh", "--yes", "--skip-preview")
    assert refresh.returncode == 0, output_of(refresh)
    assert "updated" in output_of(refresh), output_of(refresh)
    assert "1 deleted" in output_of(refresh), output_of(refresh)

    up = stack.up()
    assert up.returncode == 0, output_of(up)
    assert {name: stack.get(name)["spec"] for name in objects} == specs
    assert stack.get(backend)["status"]["readyReplicas"] == 2
    annotations = stack.get(decision)["metadata"]["annotations"]
    assert annotations["example.com/added-beside"] == "yes"
    preview = stack.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, output_of(preview)
