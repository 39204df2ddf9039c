"""Questions that a verb asks before it changes something."""

import sys

import click

from operations import steps


def confirm(question: str, *, yes: bool) -> None:
    """Ask. `yes` answers for machines, and is shown.

    Raises ClickException if the answer is no, and UsageError if nobody can answer.
    """
    if yes:
        steps.console.print(f"{question} YES=1", markup=False, soft_wrap=True)
    elif not sys.stdin.isatty():
        raise click.UsageError(
            f"{question} There is no terminal to answer on. Nothing was changed. YES=1 (option "
            "--yes) answers yes."
        )
    elif not click.confirm(question):
        raise click.ClickException("Nothing was changed.")
