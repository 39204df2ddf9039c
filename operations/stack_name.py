"""Names of stacks: `prod`, `acme/prod` of an organisation, and `acme/ai-platform/prod` in full."""

import re

from components.addresses import PROJECT
from components.settings import stack_name_rules

ORGANISATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")


def parsed(text: str) -> str:
    """The name for Pulumi, without the project, which is always this one.

    Raises ValueError with a sentence about what is wrong. A valid name is safe in paths and URLs.
    """
    organisation, name = _parts(text)
    for problem in stack_name_rules(name):
        raise ValueError(f"{text!r} is not a valid stack name: {problem.allowed}")
    if organisation is None:
        return name
    if not ORGANISATION.match(organisation):
        raise ValueError(
            f"{text!r} is not a valid stack name: an organisation has letters, digits, dashes and "
            "underscores"
        )
    return f"{organisation}/{name}"


def bare(stack: str) -> str:
    """A stack's name without its organisation, which the program and all labels use."""
    return stack.rpartition("/")[2]


def organisation(stack: str) -> str | None:
    """The organisation of a stack; None for a stack of the user's own."""
    return stack.partition("/")[0] if "/" in stack else None


def _parts(text: str) -> tuple[str | None, str]:
    """The organisation, if the text names one, and the stack's own name."""
    match text.split("/"):
        case [name]:
            return None, name
        case [organisation, name]:
            return organisation, name
        case [organisation, project, name] if project == PROJECT:
            return organisation, name
        case _:
            raise ValueError(
                f"{text!r} is not a valid stack name: use NAME, ORGANISATION/NAME or "
                f"ORGANISATION/{PROJECT}/NAME"
            )
