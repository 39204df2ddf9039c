"""What goes wrong is said with the pod's own reason, is in the state, and the next run mends it."""

from __future__ import annotations

import json
import signal
import time
from typing import Any

from tests.e2e.plugins.kubernetes.program import Program


def web(program: Program, *command: str, seconds: int = 60, **more: Any) -> dict[str, Any]:
    return {"web": program.deployment("web", *command, seconds=seconds, **more)}


def converges(program: Program) -> None:
    program.up(**web(program, "sleep", "infinity"))
    program.pulumi("preview", "--expect-no-changes")


def test_an_image_that_is_nowhere_leaves_the_old_pods_serving(program: Program) -> None:
    converges(program)
    image = f"{program.cluster.place.registry}/no/such/image:1"
    begun = time.monotonic()
    said = program.fail(**web(program, "sleep", "infinity", image=image, seconds=12))
    assert time.monotonic() - begun < 40
    assert "timed out waiting to be Ready" in said
    assert "Attempted to roll forward to new ReplicaSet" in said
    assert "ErrImagePull" in said or "ImagePullBackOff" in said
    assert "no/such/image:1" in said
    assert program.live("deployment", "web")["status"]["availableReplicas"] == 1
    converges(program)


def test_a_crash_loop_shows_its_last_log_lines(program: Program) -> None:
    script = "echo the database is not there; exit 3"
    # without a probe a pod counts as ready for the moment before it ends
    probe = {"exec": {"command": ["true"]}, "initialDelaySeconds": 5}
    said = program.fail(**web(program, "sh", "-c", script, readinessProbe=probe, seconds=20))
    assert "exit code 3" in said
    assert "last log lines of container 'c':" in said
    assert "the database is not there" in said
    converges(program)


def test_a_pod_that_never_gets_ready_tells_what_its_probe_saw(program: Program) -> None:
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1}
    said = program.fail(**web(program, "sleep", "infinity", readinessProbe=probe, seconds=15))
    assert "Readiness probe failed" in said
    converges(program)


def test_a_pod_that_no_node_takes_says_why(program: Program) -> None:
    huge = {"requests": {"cpu": "1000"}}
    said = program.fail(**web(program, "sleep", "infinity", resources=huge, seconds=10))
    assert "Insufficient cpu" in said
    converges(program)


def test_a_secret_that_is_not_there_is_named(program: Program) -> None:
    env = [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "absent", "key": "a"}}}]
    said = program.fail(**web(program, "sleep", "infinity", env=env, seconds=12))
    assert 'secret "absent" not found' in said
    converges(program)


def test_pods_that_the_namespace_refuses_are_told_for_every_workload(program: Program) -> None:
    privileged = {"allowPrivilegeEscalation": True}
    described = web(program, "sleep", "infinity", securityContext=privileged, seconds=10)
    assert "violates PodSecurity" in program.fail(**described)
    template = described["web"]["manifest"]["spec"]["template"]
    spec = {
        "serviceName": "state",
        "selector": {"matchLabels": {"app": "web"}},
        "template": template,
    }
    state = program.workload("apps/v1", "StatefulSet", "state", spec, 10)
    said = program.fail(state=state)
    assert "0 out of 1 replicas succeeded readiness checks" in said
    assert "violates PodSecurity" in said
    converges(program)


def test_a_job_that_fails_ends_the_wait_with_its_log(program: Program) -> None:
    pod = program.pod("sh", "-c", "echo no such table; exit 1") | {"restartPolicy": "Never"}
    job = program.workload("batch/v1", "Job", "job", {"backoffLimit": 0, "template": {"spec": pod}})
    begun = time.monotonic()
    said = program.fail(job=job)
    assert time.monotonic() - begun < 40
    assert "[BackoffLimitExceeded]" in said
    assert "no such table" in said


def test_what_is_there_already_is_an_error(program: Program) -> None:
    converges(program)
    program.kubectl("create", "configmap", "taken")
    said = program.fail(taken=program.config_map("taken"), **web(program, "sleep", "infinity"))
    assert 'configmaps "taken" already exists' in said
    program.kubectl("delete", "configmap", "taken")


def test_a_cancelled_run_ends_soon_and_the_next_one_converges(program: Program) -> None:
    converges(program)
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1}
    program.describe(**web(program, "sleep", "infinity", readinessProbe=probe, seconds=300))
    with program.start("up", "--yes", "--skip-preview") as run:
        deadline = time.monotonic() + 60
        while program.live("deployment", "web")["status"].get("unavailableReplicas") != 1:
            assert time.monotonic() < deadline, "the new pod was not started"
            time.sleep(0.3)
        cancelled = time.monotonic()
        run.send_signal(signal.SIGINT)
        output, errors = run.communicate(timeout=30)
    assert run.returncode != 0
    assert time.monotonic() - cancelled < 10, output + errors
    state = json.loads(program.state())["deployment"]
    assert not state.get("pending_operations")
    converges(program)


def test_a_deletion_that_does_not_end_says_what_might_prevent_it(program: Program) -> None:
    data = program.config_map("guarded")
    data["manifest"]["metadata"]["finalizers"] = ["e2e.example.com/guard"]
    data["timeouts"] = {"delete": "3s"}
    program.up(data=data)
    said = program.fail()
    assert "'guarded' timed out waiting to be deleted" in said
    assert "e2e.example.com/guard" in said
    program.kubectl(
        "patch", "configmap", "guarded", "--type=merge", '-p={"metadata":{"finalizers":null}}'
    )
    program.up()
    assert "guarded" not in program.state()


def test_a_refresh_finds_what_is_not_ready_any_more(program: Program) -> None:
    converges(program)
    program.kubectl("set", "image", "deployment/web", "c=localhost:1/no/such:1")
    program.kubectl("delete", "pods", "--selector=app=web", "--wait=true")
    assert "'web' was created but failed to initialize" in program.refreshed()
    converges(program)
