"""The Pulumi CLI: the user's own, or a downloaded one, or one built from its Go module."""

from pathlib import Path

from airgap import availability
from airgap.command import AirgapError, run
from airgap.program import Program
from airgap.report import Report

PULUMI_VERSION = "3.260.0"
"""The version of the CLI, and of the SDK in requirements.txt."""

CLI = Program(
    name="pulumi",
    version=PULUMI_VERSION,
    directory="pulumi",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    link="-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v" + PULUMI_VERSION,
)


def ensure(folder: Path, report: Report) -> None:
    """Make sure that the pinned Pulumi CLI is in `folder`, unless the user has a CLI on PATH.

    Raises AirgapError where the download or the build fails.
    """
    path = availability.installed_cli()
    if path:
        report(f"Pulumi: {path} is used")
    elif CLI.current(folder) or _downloaded(folder):
        report(f"Pulumi {CLI.version} is in {folder}")
    elif availability.pulumi_site_answers():
        download(folder)
        report(f"Pulumi {CLI.version} downloaded to {folder}")
    else:
        report(f"building Pulumi {CLI.version} from its Go module; it takes minutes")
        CLI.build(folder)
        report(f"Pulumi {CLI.version} built in {folder}")


def is_built(folder: Path) -> bool:
    """Whether this machine built the CLI in `folder`; such a CLI comes without a language host."""
    return not availability.installed_cli() and CLI.current(folder)


def download(folder: Path) -> None:
    """Run Pulumi's installation script, which puts its programs into a directory `bin`."""
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
    complete = (folder / CLI.name).exists() and stamp.exists()
    return complete and stamp.read_text() == CLI.version


def _stamp(folder: Path) -> Path:
    return folder / ".pulumi-downloaded"
