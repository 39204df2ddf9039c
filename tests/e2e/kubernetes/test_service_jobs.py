"""The release step of a service and its jobs on a schedule, on the cluster."""

from typing import Any

from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually, output_of

# The step fails until a Service with this name exists.
GATE = "e2e-release-gate"
STEP = f'echo "asking for the gate of $E2E_VERSION"; getent hosts {GATE} || exit 3'
TICK = 'test -s /run/secrets/database-url && echo "tick of $E2E_VERSION"'


def backend(**changes: Any) -> dict[str, Any]:
    settings = {
        "env": {"E2E_VERSION": "two"},
        "release": {"command": ["sh", "-c", STEP], "timeout": 30},
        "jobs": {"tick": {"schedule": "* * * * *", "command": ["sh", "-c", TICK]}},
    }
    return {"services": {"backend": settings | changes}}


def jobs(stack: ClusterStack, name: str) -> list[dict[str, Any]]:
    return list(stack.get("jobs", f"--selector=app.kubernetes.io/name={name}")["items"])


def test_a_release_step_comes_before_the_new_version_and_a_failed_one_keeps_the_old_pods(
    stack: ClusterStack,
) -> None:
    before = stack.uids()
    result = stack.up(api=backend())
    assert result.returncode != 0
    text = output_of(result)
    assert "asking for the gate of two" in text, text
    assert "exit code 3" in text, text
    assert stack.uids()["backend"] == before["backend"]
    (failed,) = jobs(stack, "backend-release")
    assert failed["status"]["failed"] == 2

    # The unchanged step is tried again. It succeeds now, because the Service exists.
    stack.kubectl("create", "service", "clusterip", GATE, "--tcp=1")
    result = stack.up(api=backend())
    assert result.returncode == 0, output_of(result)
    (succeeded,) = jobs(stack, "backend-release")
    assert succeeded["metadata"]["uid"] != failed["metadata"]["uid"]
    for pod in stack.pods("backend"):
        assert pod["metadata"]["creationTimestamp"] >= succeeded["status"]["completionTime"]

    # Without the Service the step would fail, but other limits are no part of a release.
    stack.kubectl("delete", f"service/{GATE}")
    pods = stack.uids()["backend"]
    result = stack.up(api=backend(memory="300Mi"))
    assert result.returncode == 0, output_of(result)
    assert not pods & stack.uids()["backend"]
    (same,) = jobs(stack, "backend-release")
    assert same["metadata"]["uid"] == succeeded["metadata"]["uid"]

    def ticked() -> bool:
        return any(job["status"].get("succeeded") for job in jobs(stack, "backend-tick"))

    eventually(ticked, within=75, interval=2)
    assert "tick of two" in stack.kubectl("logs", "-l", "app.kubernetes.io/name=backend-tick")
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert not jobs(stack, "backend-release")
