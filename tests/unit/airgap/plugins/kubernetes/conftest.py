"""A cluster in memory that answers as the API server does, as far as the plugin asks."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airgap.plugins.kubernetes.api import Api, ApiError
from airgap.plugins.kubernetes.cluster import Cluster
from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.settings import Settings

KUBECONFIG = {
    "current-context": "here",
    "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {}}],
}
SERVED = {
    "/api/v1": [
        ("ConfigMap", "configmaps", True),
        ("Endpoints", "endpoints", True),
        ("Event", "events", True),
        ("Namespace", "namespaces", False),
        ("PersistentVolumeClaim", "persistentvolumeclaims", True),
        ("Pod", "pods", True),
        ("Secret", "secrets", True),
        ("Service", "services", True),
    ],
    "/apis/apps/v1": [
        ("Deployment", "deployments", True),
        ("ReplicaSet", "replicasets", True),
        ("StatefulSet", "statefulsets", True),
    ],
    "/apis/batch/v1": [("Job", "jobs", True)],
    "/apis/storage.k8s.io/v1": [("StorageClass", "storageclasses", False)],
    "/apis/apiextensions.k8s.io/v1": [
        ("CustomResourceDefinition", "customresourcedefinitions", False)
    ],
}


class FakeApi:
    """`asked` holds the questions; `refusals` holds answers that are errors, by method and path."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self.live: dict[str, Object] = {}
        self.served = dict(SERVED)
        self.refusals: dict[tuple[str, str], list[Exception]] = {}
        self.lists: dict[str, list[Object]] = {}
        self.logs: dict[str, str] = {}
        self.on_get: Callable[[str, FakeApi], None] = lambda path, api: None
        self.lingering = False

    def __call__(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Any:
        query = query or {}
        if path not in self.served:
            self.asked.append((method, path, query, copy.deepcopy(body)))
        if self.refusals.get((method, path)):
            raise self.refusals[(method, path)].pop(0)
        answer = getattr(self, method.lower())(path, query, body, content_type)
        return copy.deepcopy(answer)

    def get(self, path: str, query: dict[str, str], body: Any, content_type: str) -> Any:
        if path in self.served:
            entries = self.served[path]
            return {
                "resources": [{"kind": k, "name": n, "namespaced": s} for k, n, s in entries]
                + [{"kind": "Scale", "name": "deployments/scale", "namespaced": True}]
            }
        self.on_get(path, self)
        if path.endswith("/log"):
            return self.logs[path]
        if path in self.lists:
            return {"items": self.lists[path]}
        if path in self.live:
            return self.live[path]
        raise missing(path)

    def post(self, path: str, query: dict[str, str], body: Any, content_type: str) -> Any:
        at = f"{path}/{body['metadata']['name']}"
        if at in self.live:
            raise refusal(409, "AlreadyExists", f'"{at}" already exists')
        fields: Object = {f"f:{name}": {} for name in body if name not in ("apiVersion", "kind")}
        made = self._written(body, query["fieldManager"], "Update", fields)
        if "dryRun" not in query:
            self.live[at] = made
        return made

    def patch(self, path: str, query: dict[str, str], body: Any, content_type: str) -> Any:
        if content_type == "application/json-patch+json":
            for change in body:
                *outer, last = change["path"].strip("/").split("/")
                below = self.live[path]
                for name in outer:
                    below = below[name]
                below[last] = change["value"]
            return self.live[path]
        if path not in self.live:
            raise missing(path)
        metadata = self.live[path]["metadata"] | body["metadata"]
        made = self.live[path] | body | {"metadata": metadata}
        made["metadata"]["generation"] = metadata.get("generation", 1) + 1
        if "dryRun" not in query:
            self.live[path] = made
        return made

    def put(self, path: str, query: dict[str, str], body: Any, content_type: str) -> Any:
        self.live[path] = body
        return body

    def delete(self, path: str, query: dict[str, str], body: Any, content_type: str) -> Any:
        if path not in self.live:
            raise missing(path)
        if not self.lingering:
            del self.live[path]
        return {"kind": "Status"}

    def _written(self, body: Object, manager: str, operation: str, fields: Object) -> Object:
        entry = {"manager": manager, "operation": operation, "fieldsV1": fields}
        own = {"uid": f"uid-{len(self.live)}", "resourceVersion": "1", "generation": 1}
        return body | {"metadata": body["metadata"] | own | {"managedFields": [entry]}}

    def calls(self, *methods: str) -> list[tuple[str, str]]:
        """The methods and paths of what was asked, in their order."""
        return [(method, path) for method, path, _, _ in self.asked if method in methods]


def refusal(code: int, reason: str, text: str, kind: str = "") -> ApiError:
    return ApiError(code, text, {"reason": reason, "details": {"kind": kind}})


def missing(path: str) -> ApiError:
    return refusal(404, "NotFound", f"{path} not found")


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one that counts in a test."""
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(KUBECONFIG))
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


@pytest.fixture
def connect(api: FakeApi) -> Callable[[dict[str, Any]], Api]:
    return lambda config: api


@pytest.fixture
def cluster(kubeconfig: Path, connect: Callable[[dict[str, Any]], Api]) -> Cluster:
    """One that answers."""
    return Cluster(Settings(), connect)


@pytest.fixture
def no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nowhere"))
    return Cluster(Settings())


@pytest.fixture
def pauses() -> list[float]:
    """How long the plugin paused between tries."""
    return []


@pytest.fixture
def objects(cluster: Cluster, pauses: list[float]) -> Objects:
    return Objects(cluster, pauses.append)


@pytest.fixture
def cancelled() -> threading.Event:
    return threading.Event()


def config_map(**data: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cm", "namespace": "ns"},
        "data": data,
    }


CONFIG_MAP = "/api/v1/namespaces/ns/configmaps/cm"


def quiet(line: str) -> None:
    """A log that nobody reads."""
