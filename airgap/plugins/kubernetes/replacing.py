"""Which changes replace an object instead of updating it (recorded, and in the plugin's source)."""

from __future__ import annotations

from typing import Any, Final

from airgap.plugins.kubernetes.kinds import Kind, Object
from airgap.plugins.kubernetes.settings import Settings

IDENTITY: Final = ("metadata.name", "metadata.namespace")
CONTAINER: Final = tuple(
    f"spec.{group}.*.{field}"
    for group in ("containers", "initContainers")
    for field in (
        *("args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe"),
        *("ports", "readinessProbe", "resources", "securityContext", "stdin", "stdinOnce"),
        *("terminationMessagePath", "terminationMessagePolicy", "tty", "volumeDevices"),
        *("volumeMounts", "workingDir"),
    )
)
POD: Final = tuple(
    f"spec.{field}"
    for field in (
        *("affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy"),
        *("enableServiceLinks", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostname"),
        *("imagePullSecrets", "nodeName", "nodeSelector", "overhead", "preemptionPolicy"),
        *("priority", "priorityClassName", "readinessGates", "restartPolicy"),
        *("runtimeClassName", "schedulerName", "securityContext", "serviceAccount"),
        *("serviceAccountName", "shareProcessNamespace", "subdomain"),
        *("terminationGracePeriodSeconds", "volumes"),
    )
)
VOLUME_SOURCES: Final = tuple(
    f"spec.{source}"
    for source in (
        *("awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc"),
        *("flexVolume", "flocker", "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local"),
        *("nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO"),
        *("storageos", "vsphereVolume"),
    )
)
STATEFUL: Final = ("podManagementPolicy", "revisionHistoryLimit", "selector", "serviceName")
BY_KIND: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "StatefulSet"): (
        *(f"spec.{field}" for field in STATEFUL),
        "spec.volumeClaimTemplates",
    ),
    ("batch", "Job"): ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
    ("", "PersistentVolume"): VOLUME_SOURCES,
    ("", "PersistentVolumeClaim"): tuple(
        f"spec.{field}" for field in ("accessModes", "selector", "storageClassName", "volumeName")
    ),
    ("", "Pod"): (*POD, *CONTAINER),
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Secret"): ("type",),
    ("", "Service"): ("spec.clusterIP",),
}


def replacing(inputs: Object, settings: Settings) -> tuple[str, ...]:
    """Paths, from the outermost name inwards; `*` stands for any place in a list."""
    kind = Kind.of(inputs)
    paths = IDENTITY + BY_KIND.get((kind.group, kind.kind), ())
    immutable = inputs.get("immutable") is True
    if (kind.group, kind.kind) == ("", "Secret") and (immutable or not settings.secret_mutable):
        return (*paths, "stringData", "data")
    fixed = immutable or not settings.config_map_mutable
    if (kind.group, kind.kind) == ("", "ConfigMap") and fixed:
        return (*paths, "binaryData", "data")
    return paths


def matches(path: tuple[str | int, ...], value: Any, pattern: str) -> bool:
    """Whether a change touches a pattern: its path lies inside, or it holds what the pattern names.

    `value` is what the change brings.
    """
    steps = pattern.split(".")
    for step, at in zip(steps, path, strict=False):
        if step != ("*" if isinstance(at, int) else at):
            return False
    return _holds(value, steps[len(path) :])


def _holds(value: Any, steps: list[str]) -> bool:
    if not steps:
        return True
    if steps[0] == "*":
        return isinstance(value, list) and any(_holds(item, steps[1:]) for item in value)
    return isinstance(value, dict) and steps[0] in value and _holds(value[steps[0]], steps[1:])
