"""Names and labels on the cluster. The labels are those that Kubernetes recommends."""

import hashlib
import re

import pulumi

from components.addresses import PROJECT

LABEL = "app.kubernetes.io"
# The longest name of a volume, and how many hexadecimal digits tell two paths apart.
LENGTH, DIGITS = 63, 8

# With this variable, the plugin adopts objects that exist instead of rejecting them.
ADOPT = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"


def instance() -> dict[str, str]:
    """The label of every object of a stack."""
    return {f"{LABEL}/instance": pulumi.get_stack()}


def selector(workload: str) -> dict[str, str]:
    """The labels by which a workload's pods are found; they never change."""
    return {f"{LABEL}/name": workload, **instance()}


def labels(workload: str, tier: str) -> dict[str, str]:
    """All labels of an object that belongs to a workload."""
    return {
        **selector(workload),
        f"{LABEL}/component": tier,
        f"{LABEL}/part-of": PROJECT,
        f"{LABEL}/managed-by": "pulumi",
    }


def volume_name(container: str, path: str) -> str:
    """The name of a pod's volume for a container's writable path. No other volume has the same
    name. If the words are too long, or another path could have the same ones, digits of the path's
    hash follow."""
    words = re.sub(r"[^a-z0-9]+", "-", f"scratch-{container}{path}".lower()).strip("-")
    if len(words) <= LENGTH and re.fullmatch(r"[a-z0-9/]*", path):
        return words
    digits = hashlib.sha256(path.encode()).hexdigest()[:DIGITS]
    return f"{words[: LENGTH - DIGITS - 1].rstrip('-')}-{digits}"
