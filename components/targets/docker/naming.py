"""Names and labels on the engine. They contain the project and the stack, so two stacks never
collide."""

import pulumi

from components.addresses import PROJECT


def prefix() -> str:
    """The prefix of the names of the stack's containers, networks and volumes."""
    return f"{pulumi.get_project()}-{pulumi.get_stack()}"


def labels(**about: str) -> dict[str, str]:
    """Labels by which verbs and tests find what belongs to this stack."""
    stack = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}
    return {key(name): value for name, value in sorted((stack | about).items())}


def key(name: str) -> str:
    """The full name of one of our labels on the engine."""
    return f"{PROJECT}.{name}"
