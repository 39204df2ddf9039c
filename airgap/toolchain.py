"""The Pulumi CLI: the user's own, else downloaded, else built from its Go module."""

from collections.abc import Callable
from pathlib import Path

from airgap import decide, places
from airgap.command import AirgapError, run
from airgap.program import Program

CLI = Program(
    name="pulumi",
    version=places.PULUMI_VERSION,
    directory="pulumi",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    link="-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v" + places.PULUMI_VERSION,
)

Report = Callable[[str], None]


def ensure(folder: Path, report: Report) -> None:
    """Have a Pulumi CLI of the pinned version in `folder`, unless the user has one on PATH.

    Raises AirgapError when it can be neither downloaded nor built.
    """
    own = decide.installed_cli()
    if own:
        report(f"Pulumi: {own} is used")
    elif CLI.current(folder) or _downloaded(folder):
        report(f"Pulumi {CLI.version} is in {folder}")
    elif decide.pulumi_site_answers():
        download(folder)
        report(f"Pulumi {CLI.version} downloaded to {folder}")
    else:
        report(f"building Pulumi {CLI.version} from its Go module: minutes, once")
        CLI.build(folder)
        report(f"Pulumi {CLI.version} built in {folder}")


def built(folder: Path) -> bool:
    """Whether the CLI in `folder` is one that we built, which has no language host beside it."""
    return not decide.installed_cli() and CLI.current(folder)


def download(folder: Path) -> None:
    """Run Pulumi's own installation script, which puts its programs into a directory `bin`."""
    script = (
        'curl -fsSL https://get.pulumi.com | sh -s -- --no-edit-path --version "$1" '
        '--install-root "$2"'
    )
    run("sh", "-c", script, "sh", CLI.version, folder.parent)
    if not (folder / CLI.name).exists():
        raise AirgapError(f"Pulumi's installation script left no pulumi in {folder}")
    _stamp(folder).write_text(CLI.version)


def _downloaded(folder: Path) -> bool:
    stamp = _stamp(folder)
    there = (folder / CLI.name).exists() and stamp.exists()
    return there and stamp.read_text() == CLI.version


def _stamp(folder: Path) -> Path:
    return folder / ".pulumi-downloaded"
