"""Names and labels on the engine: of this project and stack only, so that two never meet."""

import pulumi


def prefix() -> str:
    """What every container, network and volume of this stack is named after."""
    return f"{pulumi.get_project()}-{pulumi.get_stack()}"


def labels(**about: str) -> dict[str, str]:
    """Labels by which verbs and tests find what belongs to this stack."""
    stack = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}
    return {f"ai-platform.{key}": value for key, value in sorted((stack | about).items())}
