"""The pods and claims of a stack, read from its Kubernetes cluster by this project's labels."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from components.settings import Kubernetes, Settings
from operations.docker_stack import Instance
from operations.inside import PodContainer
from operations.workspace import Workspace

if TYPE_CHECKING:
    from components.targets.kubernetes.cluster import ReachableCluster

REQUEST_SECONDS = 10
# How many objects an error names.
NAMED = 4
# What selects the objects of all stacks, and the label with the stack's name.
PART_OF, INSTANCE = "app.kubernetes.io/part-of=ai-platform", "app.kubernetes.io/instance"
# The labels of a job's pods, and of all our pods.
JOB_NAME, WORKLOAD = "batch.kubernetes.io/job-name", "app.kubernetes.io/name"


def pods(kubernetes: Kubernetes, workspace: Workspace) -> list[Instance]:
    """The pods of a stack, by tier and name. Of a job whose last run failed, its last pod."""
    pod_list = core_api(kubernetes, workspace).list_namespaced_pod(
        kubernetes.namespace,
        label_selector=own_objects(workspace),
        _request_timeout=REQUEST_SECONDS,
    )
    instances = map(_instance, current(pod_list.items))
    return sorted(instances, key=lambda instance: (instance.tier, instance.name))


def current(pods: Iterable[Any]) -> Iterator[Any]:
    """The pods without those of jobs, except the newest pod of a job whose last run did not
    succeed.

    Each try is a pod that stays, and each run of a job on a schedule is a Job of its own.
    """
    of_jobs: dict[str, list[Any]] = {}
    for pod in pods:
        if JOB_NAME in pod.metadata.labels:
            of_jobs.setdefault(pod.metadata.labels[WORKLOAD], []).append(pod)
        elif pod.status.phase != "Succeeded":
            yield pod
    for tries in of_jobs.values():
        newest = max(tries, key=lambda pod: pod.metadata.creation_timestamp)
        run = newest.metadata.labels[JOB_NAME]
        phases = {pod.status.phase for pod in tries if pod.metadata.labels[JOB_NAME] == run}
        if "Succeeded" not in phases:
            yield newest


def claims(kubernetes: Kubernetes, workspace: Workspace) -> list[str]:
    """The names of a stack's volume claims."""
    claim_list = core_api(kubernetes, workspace).list_namespaced_persistent_volume_claim(
        kubernetes.namespace,
        label_selector=own_objects(workspace),
        _request_timeout=REQUEST_SECONDS,
    )
    return sorted(claim.metadata.name for claim in claim_list.items)


def inside(
    kubernetes: Kubernetes, workspace: Workspace, workload: str, selector: str | None = None
) -> PodContainer:
    """A running pod of a workload, or of the selector that an operator's pods have; its container
    has the workload's name. Raises ClickException if none runs, and if the context leads to
    another cluster, where a stack of the same name may run."""
    workspace.write_files()
    expect_own_cluster(kubernetes, workspace)
    core = core_api(kubernetes, workspace)
    pod_list = core.list_namespaced_pod(
        kubernetes.namespace,
        label_selector=selector or f"{own_objects(workspace)},app.kubernetes.io/name={workload}",
        field_selector="status.phase=Running",
        _request_timeout=REQUEST_SECONDS,
    )
    names = sorted(pod.metadata.name for pod in pod_list.items)
    if not names:
        raise click.ClickException(
            f"no pod of {workload} runs in the namespace {kubernetes.namespace}. "
            f"make up STACK={workspace.stack} starts it."
        )
    return PodContainer(core=core, namespace=kubernetes.namespace, pod=names[0], container=workload)


def main_containers(
    kubernetes: Kubernetes, workspace: Workspace
) -> Iterator[tuple[Any, PodContainer]]:
    """The running pods of a stack, each with its main container."""
    core = core_api(kubernetes, workspace)
    pod_list = core.list_namespaced_pod(
        kubernetes.namespace,
        label_selector=own_objects(workspace),
        field_selector="status.phase=Running",
        _request_timeout=REQUEST_SECONDS,
    )
    for pod in pod_list.items:
        yield (
            pod,
            PodContainer(
                core=core,
                namespace=kubernetes.namespace,
                pod=pod.metadata.name,
                container=pod.metadata.labels[WORKLOAD],
            ),
        )


def expect_own_cluster(kubernetes: Kubernetes, workspace: Workspace) -> None:
    """Raise ClickException where the context leads to another cluster than the stack's.

    Pulumi would not find the stack's objects there, and would regard them as removed.
    """
    own = own_cluster(workspace)
    current = cluster(kubernetes, workspace).uid
    if own and current != own:
        raise click.ClickException(
            f"the stack runs on the cluster {own}, but the context leads to {current}. "
            "Nothing was changed. Use the context of the stack's cluster."
        )


def own_cluster(workspace: Workspace) -> str | None:
    """The identity of the cluster that the stack's state remembers."""
    from components.targets.kubernetes import last_deployment

    return last_deployment.from_outputs(workspace.resources()).cluster


def context(kubernetes: Kubernetes, workspace: Workspace) -> str:
    """The name of the stack's context."""
    from components.targets.kubernetes import cluster, guard

    _export_kubeconfig(workspace)
    return kubernetes.context or cluster.current_context() or guard.IN_CLUSTER


def adopting(workspace: Workspace) -> Workspace:
    """The workspace for an update that may find objects of its stack on the cluster."""
    from components.targets.kubernetes.naming import ADOPT

    return replace(workspace, environment={**workspace.environment, ADOPT: "true"})


def expect_own_objects(kubernetes: Kubernetes, workspace: Workspace) -> None:
    """Raise ClickException where the namespace has objects of another stack.

    An update that adopts objects by their names would take those over.
    """
    selector = f"{PART_OF},{INSTANCE}!={workspace.name}"
    others = {
        item.metadata.labels[INSTANCE]
        for item in _objects(kubernetes, workspace, selector)
        if INSTANCE in item.metadata.labels
    }
    if others:
        raise click.ClickException(
            f"the namespace {kubernetes.namespace} has objects of the stack "
            f"{', '.join(sorted(others))}. The last update of {workspace.stack} was killed, and "
            "this one would adopt what it created, and theirs too. Nothing was changed. Give each "
            "stack a namespace of its own with kubernetes.namespace."
        )


def expect_new_stack(kubernetes: Kubernetes, workspace: Workspace) -> None:
    """Raise ClickException where the namespace has objects of this stack, whose state is empty.

    An update would take them over where the plugin allows it, up to version 4.28, with other
    passwords than those of the data.
    """
    names = sorted(
        {
            item.metadata.name
            for item in _objects(kubernetes, workspace, own_objects(workspace))
            if item.metadata.deletion_timestamp is None
        }
    )
    if names:
        raise click.ClickException(
            f"the namespace {kubernetes.namespace} already has objects of a stack "
            f"{workspace.name}, such as {', '.join(names[:NAMED])}, but the current Pulumi state "
            f"of {workspace.stack} is empty. Nothing was changed. Use the state that the stack was "
            "created with: run as the same user, or set PULUMI_BACKEND_URL. If that state is lost, "
            "the passwords of the data are in the Secrets of the namespace only. If nobody needs "
            "the objects and the data, remove them by name."
        )


def bound_to(workspace: Workspace, uid: str) -> Workspace:
    """The workspace for an update of this cluster alone, which the user agreed to."""
    from components.targets.kubernetes.guard import CONFIRMED

    return replace(workspace, environment={**workspace.environment, CONFIRMED: uid})


def expect_own_plugin(settings: Settings, workspace: Workspace) -> None:
    """Raise ClickException where the user did not allow a compiled plugin to change the cluster."""
    import pulumi

    from components.targets.kubernetes import guard

    _export_kubeconfig(workspace)
    try:
        guard.plugin(settings.plugins, settings.kubernetes.context)
    except pulumi.RunError as error:
        raise click.ClickException(str(error)) from None


def cluster(kubernetes: Kubernetes, workspace: Workspace) -> "ReachableCluster":
    """The stack's cluster. Raises ClickException if it does not answer."""
    import pulumi

    from components.targets.kubernetes.cluster import find

    _export_kubeconfig(workspace)
    try:
        return find(kubernetes.context, kubernetes.cluster)
    except pulumi.RunError as error:
        raise click.ClickException(str(error)) from None


def core_api(kubernetes: Kubernetes, workspace: Workspace) -> Any:
    """A client of the cluster's core API."""
    from kubernetes.client import CoreV1Api

    return CoreV1Api(cluster(kubernetes, workspace).client)


def _objects(kubernetes: Kubernetes, workspace: Workspace, selector: str) -> Iterator[Any]:
    """The Services, claims and ConfigMaps of the namespace that a selector chooses."""
    core = core_api(kubernetes, workspace)
    for items in (
        core.list_namespaced_service,
        core.list_namespaced_persistent_volume_claim,
        core.list_namespaced_config_map,
    ):
        options = {"label_selector": selector, "_request_timeout": REQUEST_SECONDS}
        yield from items(kubernetes.namespace, **options).items


def _export_kubeconfig(workspace: Workspace) -> None:
    """Set KUBECONFIG for this process as `make env` sets it for a shell."""
    path = workspace.variables.get("KUBECONFIG")
    if path:
        os.environ["KUBECONFIG"] = path


def own_objects(workspace: Workspace) -> str:
    """What selects the objects of a stack."""
    return f"{PART_OF},{INSTANCE}={workspace.name}"


def _instance(pod: Any) -> Instance:
    labels, status = pod.metadata.labels, pod.status
    ready = any(
        condition.type == "Ready" and condition.status == "True"
        for condition in status.conditions or []
    )
    containers = [container for container in status.container_statuses or [] if container.state]
    reasons = [
        container.state.waiting.reason for container in containers if container.state.waiting
    ]
    started = [
        container.state.running.started_at
        for container in containers
        if container.restart_count and container.state.running
    ]
    terminating = pod.metadata.deletion_timestamp is not None
    return Instance(
        name=pod.metadata.name,
        workload=labels[WORKLOAD],
        tier=labels["app.kubernetes.io/component"],
        state="ending" if terminating else status.phase.lower(),
        health="healthy" if ready else (reasons[0] if reasons else "not ready"),
        restarts=sum(container.restart_count for container in containers),
        started=max(started, default=None),
    )
