"""From a workload to its pod: every rule of the `restricted` level, and no more than it needs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.settings.kubernetes import Kubernetes
from components.targets.kubernetes import naming, scaling, storage
from components.targets.kubernetes.configuration import Mounted
from components.targets.kubernetes.probes import probes
from components.workload import Container, Job, Part, Resources, Workload

# Seconds for which a pod that is to go still answers, until nobody sends it requests any more.
PAUSE = 5

# The taints of a node that does not work, or of which nothing is heard.
LOST_NODE = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")

# A dollar that Kubernetes would not leave as it is: of a variable's name, or of another dollar.
EXPANDED = re.compile(r"\$(?=\$|\([A-Za-z_][A-Za-z0-9_.-]*\))")


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the cluster has ready for a pod: values of other resources, so that order follows."""

    settings: Kubernetes
    service_account: pulumi.Input[str]
    mounted: Sequence[Mounted]
    """Of each of the pod's containers, in their order."""
    claims: Sequence[pulumi.Input[str]] = ()
    """Of each of the part's volumes, in their order."""
    pull_secret: pulumi.Input[str] | None = None


def template(part: Part, place: Place) -> dict[str, Any]:
    """The pod template of a part."""
    wanted = place.settings
    containers = list(part.containers())
    volumes = [
        *(volume for mounted in place.mounted for volume in mounted.volumes),
        *map(storage.claimed, part.volumes, place.claims),
        *storage.directories(part),
    ]
    spec: dict[str, Any] = {
        "serviceAccountName": place.service_account,
        "automountServiceAccountToken": False,
        # Else every Service's address stands in every container's environment.
        "enableServiceLinks": False,
        "securityContext": pod_security(part),
        "terminationGracePeriodSeconds": grace(part),
        "containers": [
            container(each, mounted, part)
            for each, mounted in zip(containers, place.mounted, strict=True)
        ],
        "volumes": volumes,
    }
    optional = {
        "initContainers": [
            container(each.container, Mounted(mounts=each.mounts), part)
            for mounted in place.mounted
            for each in mounted.composers
        ],
        "imagePullSecrets": [{"name": place.pull_secret}] if place.pull_secret else None,
        "restartPolicy": "Never" if isinstance(part, Job) else None,
        **(scaling.spread(part) if isinstance(part, Workload) and part.replicas.max > 1 else {}),
        "nodeSelector": wanted.node_selector,
        "tolerations": tolerations(wanted),
    }
    spec |= {name: value for name, value in optional.items() if value}
    metadata: dict[str, Any] = {"labels": naming.labels(part.name, part.tier)}
    annotations = {
        name: value for mounted in place.mounted for name, value in mounted.annotations.items()
    }
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": spec}


def tolerations(settings: Kubernetes) -> list[dict[str, Any]]:
    """The taints that a pod tolerates: those of a lost node only for a while.

    Kubernetes adds its five minutes under the same condition: where the pod says nothing of them.
    """
    stated = settings.tolerations
    lost = [
        {
            "key": taint,
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": settings.lost_node_seconds,
        }
        for taint in LOST_NODE
        if not any(
            each.key in (None, taint) and each.effect in (None, "NoExecute") for each in stated
        )
    ]
    return [*(each.model_dump(exclude_none=True) for each in stated), *lost]


def grace(part: Part) -> int:
    """Seconds from the wish to end a pod to its being killed."""
    return (PAUSE if pauses(part) else 0) + max(each.stop_grace for each in part.containers())


def pauses(part: Part) -> bool:
    """Whether another pod answers while this one goes: not where one owns its volume."""
    return bool(part.ports) and not part.volumes


def pod_security(part: Part) -> dict[str, Any]:
    identity = part.image.identity
    security: dict[str, Any] = {
        "runAsNonRoot": True,
        "runAsUser": identity.uid,
        "runAsGroup": identity.gid,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if part.volumes or part.shared:
        security |= {"fsGroup": identity.gid, "fsGroupChangePolicy": "OnRootMismatch"}
    if any(port.number < 1024 for each in part.containers() for port in each.ports):
        # Low ports without root: a safe sysctl, which `restricted` allows.
        security["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    return security


def container(described: Container, mounted: Mounted, part: Part) -> dict[str, Any]:
    """One container of the part's pod."""
    image = described.image
    kept = part.volumes if described is part else ()
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
        "command": [literal(word) for word in described.entrypoint],
        "args": [literal(word) for word in described.command],
        "env": [
            *(
                {"name": name, "value": literal(value)}
                for name, value in sorted(described.env.items())
            ),
            *mounted.env,
        ],
        "ports": [
            {"name": port.name, "containerPort": port.number, "protocol": "TCP"}
            for port in described.ports
        ],
        # What serves, not what only prepares it.
        "lifecycle": {"preStop": {"sleep": {"seconds": PAUSE}}}
        if pauses(part) and described in part.containers()
        else None,
    }
    return made | {name: value for name, value in optional.items() if value}


def literal(text: str) -> str:
    """A word or value that means itself: Kubernetes puts a variable in place of `$(NAME)`."""
    return EXPANDED.sub("$$", text)


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
