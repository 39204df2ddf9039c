"""Resources in the form of a preview's JSON."""

from typing import Any

from operations.plan.resources import Plan, plan

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
IMAGE = "docker:index/remoteImage:RemoteImage"
CONTAINER = "docker:index/container:Container"
VOLUME = "docker:index/volume:Volume"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::ai-platform::ai-platform:index:ApiTier${kind}::{name}"


def state(
    name: str, inputs: dict[str, Any] | None = None, *, kind: str = CONTAINER, **fields: Any
) -> dict[str, Any]:
    """One resource; `fields` are further fields of it."""
    return {
        "urn": urn(kind, name),
        "custom": True,
        "type": kind,
        "inputs": {} if inputs is None else inputs,
        **fields,
    }


def plan_of(*states: dict[str, Any]) -> Plan:
    return plan(states)
