"""Objects that a test describes, in a namespace of their own on the real API server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from airgap.cluster import images
from tests.e2e.cluster.place import Cluster
from tests.e2e.plugins.run import Run

NAMESPACE = "e2e-plugins"
SOURCE = """
import json
import os
from pathlib import Path
import pulumi
import pulumi_kubernetes as kubernetes

spec = json.loads(Path("spec.json").read_text())
os.environ.pop("KUBECONFIG", None)  # the SDK would make it a setting of the provider
provider = kubernetes.Provider("cluster", **spec["provider"])


class Any_(pulumi.CustomResource):
    pass


def marked(value):
    if isinstance(value, dict):
        if value.keys() == {"secret"}:
            return pulumi.Output.secret(value["secret"])
        return {name: marked(item) for name, item in value.items()}
    return [marked(item) for item in value] if isinstance(value, list) else value


before = None
for name, given in spec["objects"].items():
    options = pulumi.ResourceOptions(
        provider=provider,
        depends_on=before and [before],
        custom_timeouts=given.get("timeouts") and pulumi.CustomTimeouts(**given["timeouts"]),
        ignore_changes=given.get("ignore"),
    )
    manifest = given["manifest"]
    version = manifest["apiVersion"] if "/" in manifest["apiVersion"] else "core/v1"
    token = f"kubernetes:{version}:{manifest['kind']}"
    made = Any_(token, name, {"metadata": None} | marked(manifest), options)
    before = before or made  # the namespace
    pulumi.export(name, made.id)
"""


class Program(Run):
    """The program and the cluster that its objects are on."""

    def __init__(self, directory: Path, plugins: Path, cluster: Cluster) -> None:
        self.cluster = cluster
        super().__init__(directory, plugins, SOURCE)
        self.environment["KUBECONFIG"] = str(cluster.place.kubeconfig)
        self.image = f"{cluster.place.registry}/{images.BUSYBOX.reference}"

    def describe(self, *, provider: dict[str, Any] | None = None, **objects: Any) -> None:
        """What the next command finds: a namespace, and in it objects by their names."""
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        namespace = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": NAMESPACE, "labels": labels},
        }
        all_objects = {"namespace": {"manifest": namespace}} | objects
        spec = {"provider": provider or {}, "objects": all_objects}
        (self.directory / "spec.json").write_text(json.dumps(spec))

    def up(self, **described: Any) -> str:
        """Bring these objects up."""
        self.describe(**described)
        return self.pulumi("up", "--yes", "--skip-preview")

    def fail(self, *command: str, **described: Any) -> str:
        """What a command says that must not succeed: `up` unless told otherwise."""
        self.describe(**described)
        return self.pulumi(*(command or ("up", "--yes", "--skip-preview")), fails=True)

    def planned(self, **described: Any) -> dict[str, str]:
        """What a preview would do."""
        self.describe(**described)
        return self.steps()

    def live(self, kind: str, name: str) -> dict[str, Any]:
        return self.cluster.get(kind, name, f"--namespace={NAMESPACE}", "--show-managed-fields")

    def kubectl(self, *words: str) -> str:
        return self.cluster.kubectl(*words, f"--namespace={NAMESPACE}")

    def config_map(self, name: str | None = None, **data: str) -> dict[str, Any]:
        metadata = {"namespace": NAMESPACE} | ({"name": name} if name else {})
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        return {"manifest": manifest}

    def deployment(self, name: str, *command: str, seconds: int = 60, **more: Any) -> Any:
        """One replica that runs a command of busybox; `more` goes into its container."""
        labels = {"app": name}
        spec = {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {"metadata": {"labels": labels}, "spec": self.pod(*command, **more)},
        }
        return self.workload("apps/v1", "Deployment", name, spec, seconds)

    def workload(
        self, version: str, kind: str, name: str, spec: dict[str, Any], seconds: int = 60
    ) -> dict[str, Any]:
        metadata = {"name": name, "namespace": NAMESPACE}
        limit = f"{seconds}s"
        return {
            "manifest": {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec},
            "timeouts": {"create": limit, "update": limit, "delete": limit},
        }

    def pod(self, *command: str, **more: Any) -> dict[str, Any]:
        """The spec of a pod that passes the `restricted` level and ends at once when told to."""
        container = {
            "name": "c",
            "image": self.image,
            "command": list(command),
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            },
        }
        return {
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65534,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container | more],
        }
