"""From a fresh machine to a healthy stack: ordered steps, each printed with its time."""

from pathlib import Path

from rich.table import Table

from airgap import decide, engine, images, toolchain, wheels
from airgap.plugins.install import ensure as ensure_stand_ins
from operations import choice, steps
from operations.workspace import ROOT, Workspace, cache_directory


def up(stack: str) -> None:
    """Everything that is missing, in order, and then `pulumi up`."""
    begun = steps.now()
    bin_directory = cache_directory() / "bin"
    with steps.step("What to use on this machine") as report:
        catalogue = choice.catalogue(stack, report)
    with steps.step("Pulumi") as report:
        toolchain.ensure(bin_directory, report)
        if _stand_ins_needed(bin_directory):
            ensure_stand_ins(bin_directory, report)
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


def _stand_ins_needed(bin_directory: Path) -> bool:
    """Where official plugins are neither installed nor to be had; a stand-in stays what it was."""
    if not decide.missing_plugins():
        return False
    made = (bin_directory / "pulumi-resource-docker").exists()
    return made or not decide.pulumi_site_answers()


def _table(workspace: Workspace) -> Table:
    table = Table("service", "URL", box=None, pad_edge=False)
    for name, url in workspace.outputs()["endpoints"].items():
        table.add_row(name, url or "not published")
    return table
