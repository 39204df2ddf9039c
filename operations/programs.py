"""The Pulumi CLI and its plugins on this machine: found, downloaded, built, or stood in for."""

from collections.abc import Callable
from pathlib import Path

from airgap import decide, toolchain
from airgap.plugins.install import ensure as ensure_stand_ins
from operations.workspace import cache_directory


def ensure(report: Callable[[str], None]) -> None:
    """Have what `pulumi` needs to run this project's stacks."""
    bin_directory = cache_directory() / "bin"
    toolchain.ensure(bin_directory, report)
    if _stand_ins_needed(bin_directory):
        ensure_stand_ins(bin_directory, report)


def _stand_ins_needed(bin_directory: Path) -> bool:
    """Where official plugins are neither installed nor to be had; a stand-in stays what it was."""
    if not decide.missing_plugins():
        return False
    made = (bin_directory / "pulumi-resource-docker").exists()
    return made or not decide.pulumi_site_answers()
