"""The Pulumi CLI and the Python language host, where Pulumi itself cannot be downloaded."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from airgap import decide, go, places
from airgap.command import AirgapError, run

MODULES = Path(__file__).parent / "toolchain"
CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
HOST = f"{SDK}/python/cmd/pulumi-language-python"
"""The last SDK module that still holds the host: newer hosts are a module of their own."""

STRIPPED = "-s -w"
VERSIONED = f"{STRIPPED} -X {SDK}/go/common/version.Version=v{places.PULUMI_VERSION}"
PROGRAMS = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec")

Report = Callable[[str], None]


def ensure(folder: Path, report: Report) -> None:
    """Have a Pulumi CLI of the pinned version in `folder`, unless the user has one on PATH.

    Raises AirgapError when it can be neither downloaded nor built.
    """
    own = decide.installed_cli()
    if own:
        report(f"Pulumi: {own} is used")
        return
    forget_other_version(folder)
    if all((folder / program).exists() for program in PROGRAMS):
        report(f"Pulumi {places.PULUMI_VERSION} is in {folder}")
    elif decide.pulumi_site_answers():
        download(folder)
        report(f"Pulumi {places.PULUMI_VERSION} downloaded to {folder}")
    else:
        report(f"building Pulumi {places.PULUMI_VERSION} from its Go modules: minutes, once")
        build(folder)
        report(f"Pulumi {places.PULUMI_VERSION} built in {folder}")


def forget_other_version(folder: Path) -> None:
    """Remove programs that an earlier version of this project put there."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / ".pulumi-version"
    if stamp.exists() and stamp.read_text() != places.PULUMI_VERSION:
        for program in PROGRAMS:
            (folder / program).unlink(missing_ok=True)
    stamp.write_text(places.PULUMI_VERSION)


def download(folder: Path) -> None:
    """Pulumi's own installation script, which puts its programs into a directory `bin`."""
    script = (
        'curl -fsSL https://get.pulumi.com | sh -s -- --no-edit-path --version "$1" '
        '--install-root "$2"'
    )
    run("sh", "-c", script, "sh", places.PULUMI_VERSION, folder.parent)
    if not (folder / "pulumi").exists():
        raise AirgapError(f"Pulumi's installation script left no pulumi in {folder}")


def build(folder: Path) -> None:
    """Build what is not in `folder` yet: about 6 minutes on two cores, then nothing."""
    compiler = go.find()
    _build(compiler, "pulumi", CLI, folder / "pulumi", link=VERSIONED)
    _build(compiler, "language-host", HOST, folder / "pulumi-language-python", link=STRIPPED)
    _copy_runner(compiler, folder / "pulumi-language-python-exec")


def _build(compiler: Path, module: str, package: str, target: Path, *, link: str) -> None:
    go.build(compiler, MODULES / module, package, target, link=link, tags="osusergo,grpcnotrace")


def _copy_runner(compiler: Path, target: Path) -> None:
    """The script that the host starts beside itself; it comes with the SDK's module."""
    if target.exists():
        return
    found = run(compiler, "list", "-m", "-json", SDK, cwd=MODULES / "pulumi")
    source = Path(json.loads(found)["Dir"]) / "python" / "cmd" / target.name
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, unfinished)
    unfinished.chmod(0o755)
    unfinished.replace(target)


if __name__ == "__main__":
    try:
        ensure(places.cache() / "bin", print)
    except AirgapError as problem:
        sys.exit(str(problem))
