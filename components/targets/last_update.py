"""What the stack's own state says about its last update. A preview can read it as well."""

import time
from collections.abc import Mapping
from typing import Any

import pulumi

from components.stack_name import name_in_commands

BEING_WRITTEN = "failed to load checkpoint: EOF"
"""The engine's error if it reads a state in files while it writes it. It truncates and then
rewrites the file with attributes beside the state."""

TRIES, PAUSE = 10, 0.2
"""The largest number of reads, and the seconds between two of them. A write takes milliseconds."""


def outputs() -> Mapping[str, Mapping[str, Any]]:
    """The outputs of each resource by its URN; empty for a new stack."""
    resources: Mapping[str, Mapping[str, Any]] = (_read() or {}).get("outputs") or {}
    return {urn: resource.get("outputs", resource) for urn, resource in resources.items()}


def full_name() -> str:
    """The stack's name for the engine. Without its organisation it would be a stack of the user's
    own. A state in files has no organisations; Pulumi calls its one `organization`."""
    organisation, slash, stack = name_in_commands().rpartition("/")
    return f"{organisation}/{pulumi.get_project()}/{stack}" if slash else stack


def _read() -> Any:
    """The engine's answer. The request is repeated while the engine writes the state."""
    tries = 1
    while True:
        try:
            return pulumi.runtime.invoke(
                "pulumi:pulumi:readStackResourceOutputs", {"stackName": full_name()}
            ).value
        # The SDK raises no narrower class for an invocation that failed.
        except Exception as error:
            if BEING_WRITTEN not in str(error) or tries == TRIES:
                raise
        tries += 1
        time.sleep(PAUSE)
