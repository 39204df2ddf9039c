"""promtool and amtool for `make test`, extracted from Debian's packages without installing them."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap.command import AirgapError, run
from airgap.report import Report

PACKAGES = {"promtool": "prometheus", "amtool": "prometheus-alertmanager"}


def ensure(folder: Path, report: Report) -> None:
    """Make sure that both are on PATH or in `folder`. Root is not required.

    Raises AirgapError where a tool is missing and the machine has no apt.
    """
    for tool, package in PACKAGES.items():
        if shutil.which(tool) or (folder / tool).exists():
            continue
        if not shutil.which("apt-get"):
            raise AirgapError(f"{tool} is missing: install it from the releases of Prometheus")
        with TemporaryDirectory() as scratch:
            run("apt-get", "download", package, cwd=Path(scratch))
            archive = next(Path(scratch).glob("*.deb"))
            run("dpkg-deb", "--extract", archive, scratch)
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(Path(scratch) / "usr" / "bin" / tool, folder / tool)
        report(f"{tool} is in {folder}, extracted from the package {package}")
