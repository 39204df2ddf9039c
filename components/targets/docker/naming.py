"""Names and labels on the engine: of this project and stack only, so that two never meet."""

import pulumi

from components.addresses import PROJECT


def prefix() -> str:
    """What every container, network and volume of this stack is named after."""
    return f"{pulumi.get_project()}-{pulumi.get_stack()}"


def labels(**about: str) -> dict[str, str]:
    """Labels by which verbs and tests find what belongs to this stack."""
    stack = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}
    return {key(name): value for name, value in sorted((stack | about).items())}


def key(name: str) -> str:
    """The name of a label of ours on the engine."""
    return f"{PROJECT}.{name}"
