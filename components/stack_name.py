"""The name of the stack that Pulumi runs, with its organisation."""

import pulumi

FILES = "organization"
"""The organisation of every stack whose state is in files or in a bucket."""


def name_in_commands() -> str:
    """The stack's name for a command of the user: `prod`, or `acme/prod` of an organisation."""
    organisation, stack = pulumi.get_organization(), pulumi.get_stack()
    return stack if organisation in ("", FILES) else f"{organisation}/{stack}"
