"""A Kubernetes stack of the tests' own, on a cluster of the tests' own."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import yaml

from components.settings import MACHINE_FILE, load, merged
from components.workload import PROJECT
from operations import docker_stack, images
from operations.workspace import ROOT, Workspace, machine_file
from tests.e2e.cluster.temporary import Cluster
from tests.e2e.stack import Stack, eventually, free_ports

NAMESPACE = "ai-platform-e2e"
LOST_NODE_SECONDS = 5
# Everything but pulling takes seconds here; a failing roll-out should not take minutes.
QUICK = {"pull_budget": 30, "namespace": NAMESPACE, "lost_node_seconds": LOST_NODE_SECONDS}


@dataclass
class ClusterStack(Stack):
    """The stack under test, with the cluster that it runs on."""

    cluster: Cluster

    def __post_init__(self) -> None:
        super().__post_init__()
        variables = {
            "KUBECONFIG": str(self.cluster.local.kubeconfig),
            MACHINE_FILE: str(self._machine_file()),
        }
        self.workspace = replace(self.workspace, environment=variables)

    def _machine_file(self) -> Path:
        """This machine's choices, and that its plugin may change the tests' cluster."""
        own = machine_file()
        chosen = yaml.safe_load(own.read_text())
        context = {"plugins": {"contexts": [self.cluster.local.name]}} if chosen["plugins"] else {}
        path = self.directory / own.name
        path.write_text(yaml.safe_dump(merged(chosen, context)))
        return path

    def kubectl(self, *words: str) -> str:
        return self.cluster.kubectl(f"--namespace={NAMESPACE}", *words)

    def get(self, *words: str) -> dict[str, Any]:
        return self.cluster.get(f"--namespace={NAMESPACE}", *words)

    def pods(self, workload: str | None = None) -> list[dict[str, Any]]:
        """The pods of a workload, or of all, without those that end."""
        chosen = [f"--selector=app.kubernetes.io/name={workload}"] if workload else []
        found = self.get("pods", *chosen)["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def uids(self) -> dict[str, set[str]]:
        """The pods of each workload by what changes when one is made again."""
        found: dict[str, set[str]] = {}
        for pod in self.pods():
            workload = pod["metadata"]["labels"]["app.kubernetes.io/name"]
            found.setdefault(workload, set()).add(pod["metadata"]["uid"])
        return found

    def rolled(self, before: Mapping[str, set[str]]) -> set[str]:
        """The workloads whose pods are others than before."""
        now = self.uids()
        return {name for name in {**before, **now} if before.get(name) != now.get(name)}

    def all_ready(self) -> bool:
        pods = self.pods()
        return bool(pods) and all(map(ready, pods))

    def wait_ready(self, within: float = 120) -> None:
        def none_is_not_ready() -> bool:
            pods = self.pods()
            assert pods, f"there are no pods in {NAMESPACE}"
            waited_for = [each["metadata"]["name"] for each in pods if not ready(each)]
            assert not waited_for, f"not ready: {waited_for}"
            return True

        eventually(none_is_not_ready, within, 1)

    def in_pod(self, workload: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the main container of a workload's first pod."""
        pod = self.pods(workload)[0]["metadata"]["name"]
        return subprocess.run(
            [
                *("kubectl", f"--kubeconfig={self.cluster.local.kubeconfig}"),
                *(f"--namespace={NAMESPACE}", "exec", pod, f"--container={workload}", "--"),
                *command,
            ],
            env={**os.environ, **self.workspace.variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def kill(self, workload: str) -> None:
        """kill -9 of the main process of a workload's pod, from the node: no pod can its own."""
        pod = self.pods(workload)[0]
        status = pod["status"]["containerStatuses"]
        named = next(each for each in status if each["name"] == workload)
        container = named["containerID"].rpartition("/")[2]
        subprocess.run(
            [
                "docker",
                "exec",
                pod["spec"]["nodeName"],
                "ctr",
                "-n",
                "k8s.io",
                "task",
                "kill",
                "-s",
                "9",
                container,
            ],
            check=True,
            capture_output=True,
        )

    def node_address(self) -> str:
        return docker_stack.docker(
            "inspect", "-f", "{{.NetworkSettings.IPAddress}}", self.cluster.local.name
        ).strip()

    def with_kubeconfig(self, path: Path) -> Workspace:
        """The stack's workspace, as on a machine that has this kubeconfig."""
        variables = {**self.workspace.environment, "KUBECONFIG": str(path)}
        return replace(self.workspace, environment=variables)

    def without_cluster(self) -> Workspace:
        """The stack's workspace, as on a machine that has no kubeconfig."""
        return self.with_kubeconfig(self.directory / "no-such-kubeconfig")

    def token(self) -> str:
        found: str = self.workspace.outputs(secrets=True)["logins"]["api"]["token"]
        return found

    @contextmanager
    def forward(self, workload: str, port: int) -> Iterator[int]:
        """A port of this machine that leads to a port of a Service, until the block ends."""
        local = free_ports((workload,))[workload]
        forward = subprocess.Popen(
            [
                *("kubectl", f"--kubeconfig={self.cluster.local.kubeconfig}"),
                *(f"--namespace={NAMESPACE}", "port-forward", "--address=127.0.0.1"),
                *(f"service/ai-platform-{workload}", f"{local}:{port}"),
            ],
            env={**os.environ, **self.workspace.variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            eventually(lambda: listens(local), 20, 0.1)
            yield local
        finally:
            forward.terminate()
            forward.wait()

    @contextmanager
    def reach(
        self, workload: str, port: int, *, token: str | None = None
    ) -> Iterator[httpx2.Client]:
        """An HTTP client for a port of a Service."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with (
            self.forward(workload, port) as local,
            httpx2.Client(
                base_url=f"http://127.0.0.1:{local}", headers=headers, timeout=10
            ) as client,
        ):
            yield client

    @contextmanager
    def edited(self, file: str, old: str, new: str) -> Iterator[None]:
        """The stack's copy of the tree with a text in one file replaced, until the block ends."""
        path = self.tree / file
        text = path.read_text()
        assert old in text, f"{file} does not contain {old!r}"
        path.write_text(text.replace(old, new))
        try:
            yield
        finally:
            path.write_text(text)

    def remove(self) -> None:
        """What an earlier run, or this one, left on the cluster and on this machine."""
        self.cluster.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")
        shutil.rmtree(self.directory, ignore_errors=True)


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def settings(cluster: Cluster) -> dict[str, Any]:
    """The shape of prod in small, as Pulumi.local.yaml has it, on this cluster."""
    config = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text())["config"]
    plain = {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}
    own = {
        "registry": {"url": cluster.local.registry},
        "kubernetes": {**QUICK, "context": cluster.local.name},
    }
    return merged(plain, own)


def push_images(wanted: Mapping[str, Any]) -> None:
    """Have the images of these settings in the cluster's registry."""
    text = {
        f"{PROJECT}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in wanted.items()
    }
    images.build_all(load(text))


@contextmanager
def temporary_cluster_stack(name: str, cluster: Cluster) -> Iterator[ClusterStack]:
    """A stack with nothing running; nothing of it is left at the end."""
    directory = Path(tempfile.gettempdir()) / f"ai-platform-{name}"
    shutil.rmtree(directory, ignore_errors=True)
    stack = ClusterStack(
        name=name, directory=directory, settings=settings(cluster), cluster=cluster
    )
    yield stack
    stack.remove()
