"""promtool and amtool for `make test`: out of Debian's packages, without starting a service."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap.command import AirgapError, run

PACKAGES = {"promtool": "prometheus", "amtool": "prometheus-alertmanager"}


def ensure(folder: Path, report: Callable[[str], None]) -> None:
    """Have both on PATH or in `folder`; no root is needed and nothing is installed.

    Raises AirgapError where the machine has neither them nor Debian's packages.
    """
    for tool, package in PACKAGES.items():
        if shutil.which(tool) or (folder / tool).exists():
            continue
        if not shutil.which("apt-get"):
            raise AirgapError(f"{tool} is missing: install it (Prometheus' releases have it)")
        with TemporaryDirectory() as scratch:
            run("apt-get", "download", package, cwd=Path(scratch))
            archive = next(Path(scratch).glob("*.deb"))
            run("dpkg-deb", "--extract", archive, scratch)
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(Path(scratch) / "usr" / "bin" / tool, folder / tool)
        report(f"{tool} is in {folder}, out of the package {package}")
