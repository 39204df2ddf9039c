"""What an object is: group, version and kind, from a type token or from the object itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from airgap.plugins.resource import Failed

Object = dict[str, Any]
"""A Kubernetes object, or a part of one: JSON values."""

TOKEN: Final = re.compile(r"kubernetes:(?P<group>[a-z0-9.-]+)/(?P<version>[a-z0-9]+):(?P<kind>\w+)")
NOT_OBJECTS: Final = frozenset({"helm.sh", "yaml", "kustomize"})
"""Groups of the official plugin's own components."""

CLUSTER_SCOPED: Final = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)
"""Kubernetes' own kinds that live in no namespace."""
OWN_GROUPS: Final = frozenset(
    {"", "apps", "autoscaling", "batch", "extensions", "policy"}
    | {
        f"{name}.k8s.io"
        for name in (
            *("admissionregistration", "apiregistration", "certificates", "coordination"),
            *("discovery", "events", "flowcontrol.apiserver", "networking", "node"),
            *("rbac.authorization", "resource", "scheduling", "storage"),
        )
    }
)
"""Kubernetes' own groups, whose types it writes back in a form of its own."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A group, version and kind; the core group's name is empty."""

    group: str
    version: str
    kind: str

    @classmethod
    def of(cls, thing: Object) -> Kind:
        group, _, version = str(thing.get("apiVersion", "")).rpartition("/")
        return cls(
            group="" if group == "core" else group,
            version=version,
            kind=str(thing.get("kind", "")),
        )

    @classmethod
    def of_token(cls, token: str) -> Kind:
        """The kind that a resource's type names; what is no object of a cluster is refused."""
        found = TOKEN.fullmatch(token)
        if not found or found["group"] in NOT_OBJECTS or found["kind"].endswith(("Patch", "List")):
            raise Failed(f"this stand-in has no resource type {token}")
        group = found["group"]
        return cls(
            group="" if group == "core" else group, version=found["version"], kind=found["kind"]
        )

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def own(self) -> bool:
        """Kubernetes' own, not a custom resource."""
        return self.group in OWN_GROUPS

    def __str__(self) -> str:
        return f"{self.api_version}/{self.kind}"
