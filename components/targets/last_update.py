"""What the stack's own state says of its last update, which a preview can read as well."""

import time
from collections.abc import Mapping
from typing import Any

import pulumi

BEING_WRITTEN = "failed to load checkpoint: EOF"
"""How the engine fails to read a state in files while it writes one: it empties and then fills the
file with attributes beside the state."""

TRIES, PAUSE = 10, 0.2
"""How often the state is read at most, and the seconds in between. A write takes milliseconds."""


def outputs() -> Mapping[str, Mapping[str, Any]]:
    """The outputs of each resource by its URN; nothing for a stack that is new."""
    resources: Mapping[str, Mapping[str, Any]] = (_read() or {}).get("outputs") or {}
    return {urn: resource.get("outputs", resource) for urn, resource in resources.items()}


def _read() -> Any:
    """The engine's answer, asked for again while it is writing the state."""
    tries = 1
    while True:
        try:
            return pulumi.runtime.invoke(
                "pulumi:pulumi:readStackResourceOutputs", {"stackName": pulumi.get_stack()}
            ).value
        # The SDK raises no narrower class for an invocation that failed.
        except Exception as error:
            if BEING_WRITTEN not in str(error) or tries == TRIES:
                raise
        tries += 1
        time.sleep(PAUSE)
