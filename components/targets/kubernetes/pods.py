"""From a workload to its pod: every rule of the `restricted` level, and no more than it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.settings.kubernetes import Kubernetes
from components.targets.kubernetes import naming, scaling, storage
from components.targets.kubernetes.configuration import Mounted
from components.targets.kubernetes.probes import probes
from components.workload import Container, Resources, Workload

# Seconds for which a pod that is to go still answers, until nobody sends it requests any more.
PAUSE = 5


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the cluster has ready for a pod: values of other resources, so that order follows."""

    settings: Kubernetes
    service_account: pulumi.Input[str]
    mounted: Sequence[Mounted]
    """Of each of the pod's containers, in their order."""
    claims: Sequence[pulumi.Input[str]] = ()
    """Of each of the workload's volumes, in their order."""
    pull_secret: pulumi.Input[str] | None = None


def template(workload: Workload, place: Place) -> dict[str, Any]:
    """The pod template of a workload."""
    wanted = place.settings
    containers = list(workload.containers())
    volumes = [
        *(volume for mounted in place.mounted for volume in mounted.volumes),
        *map(storage.claimed, workload.volumes, place.claims),
        *storage.directories(workload),
    ]
    spec: dict[str, Any] = {
        "serviceAccountName": place.service_account,
        "automountServiceAccountToken": False,
        # Else every Service's address stands in every container's environment.
        "enableServiceLinks": False,
        "securityContext": pod_security(workload),
        "terminationGracePeriodSeconds": grace(workload),
        "containers": [
            container(each, mounted, workload)
            for each, mounted in zip(containers, place.mounted, strict=True)
        ],
        "volumes": volumes,
    }
    optional = {
        "initContainers": [
            container(each.container, Mounted(mounts=each.mounts), workload)
            for mounted in place.mounted
            for each in mounted.composers
        ],
        "imagePullSecrets": [{"name": place.pull_secret}] if place.pull_secret else None,
        "topologySpreadConstraints": scaling.spread(workload)
        if workload.replicas.max > 1
        else None,
        "nodeSelector": wanted.node_selector,
        "tolerations": [each.model_dump(exclude_none=True) for each in wanted.tolerations],
    }
    spec |= {name: value for name, value in optional.items() if value}
    metadata: dict[str, Any] = {"labels": naming.labels(workload.name, workload.tier)}
    annotations = {
        name: value for mounted in place.mounted for name, value in mounted.annotations.items()
    }
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": spec}


def grace(workload: Workload) -> int:
    """Seconds from the wish to end a pod to its being killed."""
    return (PAUSE if pauses(workload) else 0) + max(
        each.stop_grace for each in workload.containers()
    )


def pauses(workload: Workload) -> bool:
    """Whether another pod answers while this one goes: not where one owns its volume."""
    return bool(workload.ports) and not workload.volumes


def pod_security(workload: Workload) -> dict[str, Any]:
    identity = workload.image.identity
    security: dict[str, Any] = {
        "runAsNonRoot": True,
        "runAsUser": identity.uid,
        "runAsGroup": identity.gid,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if workload.volumes or workload.shared:
        security |= {"fsGroup": identity.gid, "fsGroupChangePolicy": "OnRootMismatch"}
    if any(port.number < 1024 for each in workload.containers() for port in each.ports):
        # Low ports without root: a safe sysctl, which `restricted` allows.
        security["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    return security


def container(described: Container, mounted: Mounted, workload: Workload) -> dict[str, Any]:
    """One container of the workload's pod."""
    image = described.image
    kept = workload.volumes if described is workload else ()
    made: dict[str, Any] = {
        "name": described.name,
        "image": image.reference,
        "imagePullPolicy": "IfNotPresent",
        "resources": resources(described.resources),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsUser": image.identity.uid,
            "runAsGroup": image.identity.gid,
        },
        "volumeMounts": [
            *mounted.mounts,
            *({"name": volume.name, "mountPath": volume.path} for volume in kept),
            *storage.mounts(described),
        ],
        **probes(described),
    }
    optional = {
        "command": list(described.entrypoint),
        "args": list(described.command),
        "env": [
            *({"name": name, "value": value} for name, value in sorted(described.env.items())),
            *mounted.env,
        ],
        "ports": [
            {"name": port.name, "containerPort": port.number, "protocol": "TCP"}
            for port in described.ports
        ],
        # What serves, not what only prepares it.
        "lifecycle": {"preStop": {"sleep": {"seconds": PAUSE}}}
        if pauses(workload) and described in workload.containers()
        else None,
    }
    return made | {name: value for name, value in optional.items() if value}


def resources(wanted: Resources) -> dict[str, Any]:
    """Limits, and what a node sets aside: half of them unless it is said."""
    memory = wanted.memory_request or max(wanted.memory // 2, 1)
    cpu = wanted.cpu_request or wanted.cpu / 2
    return {
        "requests": {"memory": f"{memory}Mi", "cpu": millicores(cpu)},
        "limits": {"memory": f"{wanted.memory}Mi", "cpu": millicores(wanted.cpu)},
    }


def millicores(cores: float) -> str:
    """As Kubernetes itself spells it: `500m`, and `2` for whole cores."""
    thousandths = round(cores * 1000)
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)
