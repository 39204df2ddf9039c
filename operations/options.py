"""The options that verbs share."""

import click

from operations import stack_name


class StackName(click.ParamType[str]):
    """A stack name that Pulumi, file systems and Docker accept, with or without organisation."""

    name = "stack"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return stack_name.parsed(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


stack_option = click.option(
    "--stack", type=StackName(), default="dev", show_default=True, help="The name of the stack."
)

without_backup_option = click.option(
    "--without-backup",
    is_flag=True,
    help="Remove data of a production stack without a verified backup younger than a day.",
)
