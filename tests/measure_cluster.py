"""The Kubernetes figures of docs/measurements.md: .venv/bin/python -m tests.measure_cluster, after
`make env`. It creates a temporary cluster; `--without-cluster` or `--only-up` measures a part.

Each run also measures what a user would choose instead, and prints the ratio.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from operations import machine_choices, pulumi_installation
from operations.purge import purge
from operations.workspace import ROOT, Workspace
from tests import previews
from tests.e2e.cluster.temporary import temporary_cluster
from tests.e2e.kubernetes.stack import (
    NAMESPACE,
    ClusterStack,
    push_images,
    settings,
    temporary_cluster_stack,
)
from tests.e2e.stack import output_of
from tests.timing import ratio, timed

UP_ROUNDS = 3
SERVICES = (2, 10, 50, 200)

# Namespaces first and workloads last, so that the API server rejects no object.
ORDER = ("Namespace", "NetworkPolicy", "ServiceAccount", "ConfigMap", "Secret")


def main() -> None:
    pulumi_installation.ensure("kubernetes", machine_choices.for_clusters(print), print)
    if "--only-up" not in sys.argv:
        with tempfile.TemporaryDirectory() as directory:
            prod = _workspace(Path(directory), "prod", ROOT / "Pulumi.prod.yaml")
            previews.measure("preview of prod, everything to create", prod, deployed=False)
            _growth(Path(directory))
    if "--without-cluster" in sys.argv:
        return
    with temporary_cluster("ai-platform-measure") as cluster:
        push_images(settings(cluster))
        with temporary_cluster_stack("measure-cluster", cluster) as stack:
            _up(stack)


def _growth(directory: Path) -> None:
    """Previews of prod with a growing number of API services, and the time per service."""
    plain = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text())
    points = []
    for count in SERVICES:
        services = dict(plain["config"]["ai-platform:api"]["services"])
        for number in range(count - len(services)):
            services[f"service-{number}"] = {"image": "example/service:1.0.0"}
        config = plain["config"] | {"ai-platform:api": {"services": services}}
        path = directory / f"Pulumi.services-{count}.yaml"
        path.write_text(yaml.safe_dump({"config": config}))
        workspace = _workspace(directory, f"services-{count}", path)
        seconds = statistics.median(timed(partial(_plan, workspace)) for _ in range(3))
        points.append((count, seconds))
        print(f"preview with {count} API services: {seconds:.2f} s")
    slope, start = statistics.linear_regression(*zip(*points, strict=True))
    worst = max(abs(start + slope * count - seconds) for count, seconds in points)
    print(
        f"growth: {start:.2f} s and {slope * 1000:.0f} ms for each service; "
        f"the largest deviation from that line is {worst:.2f} s"
    )


def _workspace(directory: Path, stack: str, config: Path) -> Workspace:
    workspace = Workspace(
        stack=stack,
        config=config,
        data=directory / stack,
        throw_away=True,
        environment={"KUBECONFIG": str(directory / "no-kubeconfig")},
    )
    workspace.prepare()
    return workspace


def _plan(workspace: Workspace) -> None:
    workspace.pulumi("preview", "--stack", workspace.stack, quiet=True)


def _up(stack: ClusterStack) -> None:
    """Compare `up` from an empty namespace, with images on the node, with kubectl."""
    _check(stack.up())
    title = "preview of local, nothing to change"
    previews.measure(title, stack.workspace, deployed=True)
    previews.measure(f"{title}, no cluster at hand", stack.without_cluster(), deployed=True)
    objects = _objects(stack)
    ours, theirs = [], []
    for _ in range(UP_ROUNDS):
        purge(stack.workspace, confirmed=stack.workspace.stack)
        theirs.append(timed(lambda: _by_kubectl(stack, objects)))
        stack.cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=true")
        stack.workspace.prepare()
        ours.append(timed(lambda: _check(stack.up())))
    ratio("up from an empty namespace to all ready", ours, "kubectl apply and wait", theirs)
    purge(stack.workspace, confirmed=stack.workspace.stack)


def _check(result: subprocess.CompletedProcess[str]) -> None:
    assert result.returncode == 0, output_of(result)


def _objects(stack: ClusterStack) -> list[Mapping[str, Any]]:
    """The objects that the stack applied, without Pulumi's internal fields."""
    exported = stack.workspace.pulumi(
        "stack", "export", "--show-secrets", "--stack", stack.name, quiet=True
    ).stdout
    resources = json.loads(exported)["deployment"]["resources"]
    objects = [
        _plain(resource["inputs"])
        for resource in resources
        if resource["type"].startswith("kubernetes:")
    ]
    return sorted(
        objects, key=lambda item: (item["kind"] not in ORDER[:1], item["kind"] not in ORDER)
    )


def _plain(value: Any) -> Any:
    """The value without the engine's markers of secrets, which contain the value as JSON."""
    if isinstance(value, dict):
        if "plaintext" in value:
            return json.loads(value["plaintext"])
        return {key: _plain(item) for key, item in value.items() if not key.startswith("__")}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _by_kubectl(stack: ClusterStack, objects: list[Mapping[str, Any]]) -> None:
    stack.cluster.kubectl("apply", "--filename=-", stdin=yaml.safe_dump_all(objects))
    stack.kubectl("wait", "--for=condition=Available", "deployments", "--all", "--timeout=300s")
    for statefulset in stack.get("statefulsets")["items"]:
        stack.kubectl("rollout", "status", f"statefulset/{statefulset['metadata']['name']}")


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
