"""Translates a part into its pod, which follows every rule of the `restricted` level."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.container import Container
from components.targets.kubernetes import naming, placement, resources, scaling, storage
from components.targets.kubernetes.configuration import Mounted
from components.targets.kubernetes.probes import probes
from components.targets.kubernetes.scope import Scope
from components.workload import Job, Part, Workload

# Seconds for which a pod that is ending still answers, until clients have stopped using it.
PAUSE = 5

# A dollar that Kubernetes would interpret: before a variable's name, or before another dollar.
EXPANDED = re.compile(r"\$(?=\$|\([A-Za-z_][A-Za-z0-9_.-]*\))")


Template = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class PodInputs:
    """The values of other resources that a pod uses. The order of creation follows from them.

    `mounted` has an entry for each of the pod's containers, the steps last, and `claims` one for
    each of the part's volumes, in their order.
    """

    scope: Scope
    service_account: pulumi.Input[str]
    mounted: Sequence[Mounted]
    claims: Sequence[pulumi.Input[str]] = ()


def template(part: Part, inputs: PodInputs) -> Template:
    """The pod template of a part."""
    settings = inputs.scope.settings
    pull_secret = inputs.scope.pull_secret
    containers = list(part.containers())
    volumes = [
        *(volume for mounted in inputs.mounted for volume in mounted.volumes),
        *map(storage.claimed, part.volumes, inputs.claims),
        *map(storage.existing, part.existing),
        *storage.directories(part),
    ]
    spec: dict[str, Any] = {
        "serviceAccountName": inputs.service_account,
        "automountServiceAccountToken": False,
        # Otherwise every container's environment would contain the addresses of all Services.
        "enableServiceLinks": False,
        "securityContext": pod_security(part),
        "terminationGracePeriodSeconds": grace(part),
        "containers": [
            spec_of(container, mounted, part)
            for container, mounted in zip(
                containers, inputs.mounted[: len(containers)], strict=True
            )
        ],
        "volumes": volumes,
    }
    optional = {
        "initContainers": [
            *(
                spec_of(composer.container, Mounted(mounts=composer.mounts), part)
                for mounted in inputs.mounted
                for composer in mounted.composers
            ),
            *(
                spec_of(step, mounted, part)
                for step, mounted in zip(part.init, inputs.mounted[len(containers) :], strict=True)
            ),
        ],
        "imagePullSecrets": [{"name": pull_secret}] if pull_secret else None,
        "restartPolicy": "Never" if isinstance(part, Job) else None,
        **(scaling.spread(part) if isinstance(part, Workload) and part.replicas.max > 1 else {}),
        **placement.fields(part.placement, settings),
    }
    spec |= {name: value for name, value in optional.items() if value}
    metadata: dict[str, Any] = {"labels": naming.labels(part.name, part.tier)}
    annotations = {
        name: value for mounted in inputs.mounted for name, value in mounted.annotations.items()
    }
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": spec}


def grace(part: Part) -> int:
    """The seconds that a pod has to end before the kubelet kills it."""
    longest = max(container.stop_grace for container in part.containers())
    return longest + (PAUSE if pauses(part) else 0)


def pauses(part: Part) -> bool:
    """Whether another pod can answer while this one ends. None can if the pod owns a volume."""
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
    if any(port.number < 1024 for container in part.containers() for port in container.ports):
        # This safe sysctl, which `restricted` allows, opens ports below 1024 to users other than
        # root.
        security["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    return security


def spec_of(container: Container, mounted: Mounted, part: Part) -> dict[str, Any]:
    """One container of the part's pod."""
    image = container.image
    required: dict[str, Any] = {
        "name": container.name,
        "image": image.reference,
        "imagePullPolicy": "IfNotPresent",
        "resources": resources.resources(
            container.resources,
            disk=resources.disk(container),
            gpus=placement.gpus(part.placement) if container is part else None,
            guaranteed=part.guaranteed,
        ),
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
            *map(storage.mounted, part.mounts(container)),
            *storage.mounts(container),
        ],
        **probes(container),
    }
    optional = {
        "command": [literal(word) for word in container.entrypoint],
        "args": [literal(word) for word in container.command],
        "env": [
            *(
                {"name": name, "value": literal(value)}
                for name, value in sorted(container.env.items())
            ),
            *mounted.env,
        ],
        "ports": [
            {"name": port.name, "containerPort": port.number, "protocol": "TCP"}
            for port in container.ports
        ],
        # Containers that serve need it; init containers do not.
        "lifecycle": {"preStop": {"sleep": {"seconds": PAUSE}}}
        if pauses(part) and container in part.containers()
        else None,
    }
    return required | {name: value for name, value in optional.items() if value}


def literal(text: str) -> str:
    """The text with its dollars escaped, because Kubernetes replaces `$(NAME)` with a variable."""
    return EXPANDED.sub("$$", text)
