"""What the stack's own state says of its last update, which a preview can read as well."""

from collections.abc import Mapping
from typing import Any

import pulumi


def outputs() -> Mapping[str, Mapping[str, Any]]:
    """The outputs of each resource by its URN; nothing for a stack that is new."""
    answer = pulumi.runtime.invoke(
        "pulumi:pulumi:readStackResourceOutputs", {"stackName": pulumi.get_stack()}
    ).value
    resources: Mapping[str, Mapping[str, Any]] = (answer or {}).get("outputs") or {}
    return {urn: each.get("outputs", each) for urn, each in resources.items()}
