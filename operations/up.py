"""From a fresh machine to a healthy stack: ordered steps, each printed with its time."""

from rich.table import Table

from airgap import engine, images, wheels
from operations import choice, programs, steps
from operations.workspace import ROOT, Workspace


def up(stack: str) -> None:
    """Everything that is missing, in order, and then `pulumi up`."""
    begun = steps.now()
    with steps.step("What to use on this machine") as report:
        catalogue = choice.catalogue(stack, report)
    with steps.step("Pulumi") as report:
        programs.ensure(report)
    with steps.step("Docker Engine") as report:
        engine.ensure(report)
    if catalogue == "debian":
        with steps.step("Images from Debian's packages") as report:
            images.ensure(report)
        with steps.step("Wheels for the reference services") as report:
            for service in ("api", "decision"):
                context = ROOT / "images" / service
                wheels.download(context / "requirements.txt", context / "wheels", report)
    workspace = Workspace.of(stack)
    with steps.step("State") as report:
        workspace.prepare()
        own = "the backend that you are logged in to"
        report(workspace.variables.get("PULUMI_BACKEND_URL", own))
    with steps.step(f"pulumi up -s {stack}", prints=True):
        # A refresh finds images that were built anew under the same name.
        workspace.pulumi("up", "--yes", "--skip-preview", "--refresh", "--stack", stack)
    steps.console.print(_table(workspace))
    steps.console.print(
        f"Up in {steps.now() - begun:.0f} s.\n"
        "Logins:          pulumi stack output logins --show-secrets\n"
        'In a new shell:  eval "$(make -s env)", and then plain pulumi',
        markup=False,
    )


def _table(workspace: Workspace) -> Table:
    table = Table("service", "URL", box=None, pad_edge=False)
    for name, url in workspace.outputs()["endpoints"].items():
        table.add_row(name, url or "not published")
    return table
