"""How full the claims of a stack are, as its pods say."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes.client import ApiException

from components.settings import Kubernetes
from operations import claim_sizes, kubernetes_stack
from operations.workspace import Workspace
from tests.unit.operations.plan.states import state
from tests.unit.operations.test_kept import CLAIM


@dataclass
class Container:
    """A container whose `du` prints this, or fails."""

    container: str
    answer: str | Exception

    def run(self, command: Sequence[str]) -> str:
        assert command == ["du", "-s", "-k", f"/data/{self.container}"]
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def pod(name: str) -> Any:
    """A pod whose main container and sidecar both mount a claim, and a directory."""
    claim = SimpleNamespace(claim_name=f"ai-platform-{name}")
    volumes = [
        SimpleNamespace(name="data", persistent_volume_claim=claim),
        SimpleNamespace(name="scratch", persistent_volume_claim=None),
    ]
    mounts = [
        SimpleNamespace(name="scratch", mount_path="/tmp"),
        SimpleNamespace(name="data", mount_path=f"/data/{name}"),
    ]
    sidecar = [SimpleNamespace(name="data", mount_path="/volumes/data")]
    containers = [
        SimpleNamespace(name=f"{name}-volumes", volume_mounts=sidecar),
        SimpleNamespace(name=name, volume_mounts=mounts),
    ]
    return SimpleNamespace(spec=SimpleNamespace(volumes=volumes, containers=containers))


def test_each_claim_has_its_room_and_what_is_used_where_a_pod_can_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    denied = subprocess.CalledProcessError(1, "du", "217088\t/data/redis\n", "lost+found: denied")
    answers = {
        "postgres": "49664\t/data/postgres\n",
        "redis": denied,
        "reports-data": subprocess.CalledProcessError(126, "du", "", "no such program"),
        "grafana": ApiException(status=403),
    }
    pods = [(pod(name), Container(name, answer)) for name, answer in answers.items()]
    stateless = SimpleNamespace(spec=SimpleNamespace(volumes=None, containers=[]))
    pods.append((stateless, Container("web", "0")))
    monkeypatch.setattr(kubernetes_stack, "main_containers", lambda *_: iter(pods))
    claims = [
        state(
            name,
            kind=CLAIM,
            outputs={
                "metadata": {"name": f"ai-platform-{name}"},
                "spec": {"resources": {"requests": {"storage": "10Gi"}}},
            },
        )
        for name in (*answers, "prometheus")
    ]
    monkeypatch.setattr(Workspace, "resources", lambda _: {item["urn"]: item for item in claims})
    assert claim_sizes.sizes(Kubernetes(), Workspace.of("prod")) == {
        "ai-platform-postgres": "48 MB of 10Gi",
        "ai-platform-redis": "212 MB of 10Gi",
        "ai-platform-reports-data": "10Gi",
        "ai-platform-grafana": "10Gi",
        "ai-platform-prometheus": "10Gi",
    }
