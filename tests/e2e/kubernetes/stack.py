"""A temporary Kubernetes stack on a temporary cluster, in a namespace that exists.

Pulumi and the verbs use the login of a ServiceAccount with the Role of docs/kubernetes-role.yaml.
The tests' own `kubectl` uses the administrator's.
"""

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

from components.addresses import PROJECT
from components.settings import MACHINE_FILE, load, merged
from operations import docker_stack, images
from operations.kubernetes_stack import JOB_NAME
from operations.workspace import ROOT, Workspace, machine_file
from tests.e2e.cluster.temporary import Cluster
from tests.e2e.stack import Stack, eventually, free_ports

NAMESPACE = "ai-platform-e2e"
LOST_NODE_SECONDS = 5
ROLE = ROOT / "docs" / "kubernetes-role.yaml"
DEPLOYER = "ai-platform-deployer"
# Short budgets, so that a failing roll-out does not take minutes.
QUICK = {"pull_budget": 30, "namespace": NAMESPACE, "lost_node_seconds": LOST_NODE_SECONDS}


@dataclass
class ClusterStack(Stack):
    """The stack under test, with the cluster that it runs on."""

    cluster: Cluster

    def __post_init__(self) -> None:
        super().__post_init__()
        variables = {
            "KUBECONFIG": str(self._prepared_namespace()),
            MACHINE_FILE: str(self._machine_file()),
        }
        self.workspace = replace(self.workspace, environment=variables)

    def _prepared_namespace(self) -> Path:
        """Create the namespace and the Role, as an administrator does. The result is the
        kubeconfig of the deployer."""
        restricted = {"pod-security.kubernetes.io/enforce": "restricted"}
        account = {"name": DEPLOYER, "namespace": NAMESPACE}
        self.cluster.apply(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": NAMESPACE, "labels": restricted},
            },
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
            *yaml.safe_load_all(
                ROLE.read_text().replace("namespace: ai-platform", f"namespace: {NAMESPACE}")
            ),
        )
        kubeconfig = yaml.safe_load(self.cluster.local_cluster.kubeconfig.read_text())
        token = self.kubectl("create", "token", DEPLOYER, "--duration=12h").strip()
        for user in kubeconfig["users"]:
            user["user"] = {"token": token}
        path = self.directory / "deployer.yaml"
        path.write_text(yaml.safe_dump(kubeconfig))
        return path

    def _machine_file(self) -> Path:
        """This machine's choices, with a permission for its plugin to change the tests' cluster."""
        original = machine_file()
        choices = yaml.safe_load(original.read_text())
        context = (
            {"plugins": {"contexts": [self.cluster.local_cluster.name]}}
            if choices["plugins"]
            else {}
        )
        path = self.directory / original.name
        path.write_text(yaml.safe_dump(merged(choices, context)))
        return path

    def kubectl(self, *words: str) -> str:
        return self.cluster.kubectl(f"--namespace={NAMESPACE}", *words)

    def get(self, *words: str) -> dict[str, Any]:
        return self.cluster.get(f"--namespace={NAMESPACE}", *words)

    def pods(self, workload: str | None = None) -> list[dict[str, Any]]:
        """The pods of one workload or of all workloads, without terminating ones and those of
        jobs."""
        name = f",app.kubernetes.io/name={workload}" if workload else ""
        pods = self.get("pods", f"--selector=!{JOB_NAME}{name}")["items"]
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    def uids(self) -> dict[str, set[str]]:
        """The uids of the pods by workload; a replaced pod has a new uid."""
        uids: dict[str, set[str]] = {}
        for pod in self.pods():
            workload = pod["metadata"]["labels"]["app.kubernetes.io/name"]
            uids.setdefault(workload, set()).add(pod["metadata"]["uid"])
        return uids

    def rolled(self, before: Mapping[str, set[str]]) -> set[str]:
        """The workloads with other pods than before; those of jobs do not count."""
        after = self.uids()
        return {name for name in {**before, **after} if before.get(name) != after.get(name)}

    def all_ready(self) -> bool:
        pods = self.pods()
        return bool(pods) and all(map(ready, pods))

    def wait_ready(self, within: float = 120) -> None:
        """Wait until every pod that serves is ready; a job's pod never is."""

        def check() -> bool:
            pods = self.pods()
            assert pods, f"there are no pods in {NAMESPACE}"
            unready = [pod["metadata"]["name"] for pod in pods if not ready(pod)]
            assert not unready, f"not ready: {unready}"
            return True

        eventually(check, within, 1)

    def in_pod(
        self, workload: str, *command: str, container: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a container of a workload's first pod, by default in the main one."""
        pod = self.pods(workload)[0]["metadata"]["name"]
        return subprocess.run(
            [
                *("kubectl", f"--kubeconfig={self.cluster.local_cluster.kubeconfig}"),
                *(f"--namespace={NAMESPACE}", "exec", pod),
                *(f"--container={container or workload}", "--"),
                *command,
            ],
            env={**os.environ, **self.workspace.variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def kill(self, workload: str) -> None:
        """Kill the main process of a workload's pod with SIGKILL, from the node."""
        pod = self.pods(workload)[0]
        statuses = pod["status"]["containerStatuses"]
        status = next(status for status in statuses if status["name"] == workload)
        container = status["containerID"].rpartition("/")[2]
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
            "inspect", "-f", "{{.NetworkSettings.IPAddress}}", self.cluster.local_cluster.name
        ).strip()

    def with_kubeconfig(self, path: Path) -> Workspace:
        """The stack's workspace on a machine with this kubeconfig."""
        variables = {**self.workspace.environment, "KUBECONFIG": str(path)}
        return replace(self.workspace, environment=variables)

    def without_cluster(self) -> Workspace:
        """The stack's workspace on a machine without a kubeconfig."""
        return self.with_kubeconfig(self.directory / "no-such-kubeconfig")

    def token(self) -> str:
        token: str = self.workspace.outputs(secrets=True)["logins"]["api"]["token"]
        return token

    @contextmanager
    def forward(self, workload: str, port: int) -> Iterator[int]:
        """A local port that forwards to a port of a Service during the block."""
        local_port = free_ports((workload,))[workload]
        forward = subprocess.Popen(
            [
                *("kubectl", f"--kubeconfig={self.cluster.local_cluster.kubeconfig}"),
                *(f"--namespace={NAMESPACE}", "port-forward", "--address=127.0.0.1"),
                *(f"service/ai-platform-{workload}", f"{local_port}:{port}"),
            ],
            env={**os.environ, **self.workspace.variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            eventually(lambda: listens(local_port), 20, 0.1)
            yield local_port
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
            self.forward(workload, port) as local_port,
            httpx2.Client(
                base_url=f"http://127.0.0.1:{local_port}", headers=headers, timeout=10
            ) as client,
        ):
            yield client

    @contextmanager
    def edited(self, file: str, old: str, new: str) -> Iterator[None]:
        """Replace a text in a file of the stack's tree during the block."""
        path = self.tree / file
        text = path.read_text()
        assert old in text, f"{file} does not contain {old!r}"
        path.write_text(text.replace(old, new))
        try:
            yield
        finally:
            path.write_text(text)

    def remove(self) -> None:
        """Remove the stack's namespace from the cluster and its directory from this machine."""
        self.cluster.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")
        shutil.rmtree(self.directory, ignore_errors=True)


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(
        condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions
    )


PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]


def settings(cluster: Cluster) -> dict[str, Any]:
    """The settings of Pulumi.local.yaml, a small version of prod, for this cluster."""
    config = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text())["config"]
    plain = {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}
    changes = {
        "registry": {"url": cluster.local_cluster.registry},
        "kubernetes": {
            **QUICK,
            "context": cluster.local_cluster.name,
            "create_namespace": False,
            "cluster": cluster.uid(),
        },
        # The load comes from one address.
        "web": {"gateway": {"rate_limit": None}},
        # test_reaches.py has a server at an address of the engine, which is private.
        "api": {
            "services": {
                "backend": {"outside": [{"name": "x", "ports": [8080], "cidrs": ["0.0.0.0/0"]}]},
                "decision": {"outside": [{"name": "x", "ports": [8080], "cidrs": PRIVATE}]},
            }
        },
    }
    return merged(plain, changes)


def push_images(settings: Mapping[str, Any]) -> None:
    """Build the images of these settings and push them to the cluster's registry."""
    text = {
        f"{PROJECT}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in settings.items()
    }
    images.build_all(load(text))


@contextmanager
def temporary_cluster_stack(name: str, cluster: Cluster) -> Iterator[ClusterStack]:
    """A stack without pods; everything of it is removed at the end."""
    directory = Path(tempfile.gettempdir()) / f"ai-platform-{name}"
    shutil.rmtree(directory, ignore_errors=True)
    stack = ClusterStack(
        name=name, directory=directory, settings=settings(cluster), cluster=cluster
    )
    yield stack
    stack.remove()
