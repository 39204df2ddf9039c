"""Executables for the stand-ins, in a directory that the user puts on PATH."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

VERSIONS = {"docker": "5.1.0", "kubernetes": "4.32.0", "random": "4.21.1"}
"""The official plugins whose answers the stand-ins give: those of the SDK packages' pins."""

WRAPPER = """\
#!/bin/sh
# Stand-in for pulumi-resource-{name} {version}. The CLI prefers a plugin on PATH to an installed
# one, so the installed official plugin is started from here when there is one.
official="${{PULUMI_HOME:-$HOME/.pulumi}}/plugins/resource-{name}-v{version}/pulumi-resource-{name}"
[ -x "$official" ] && exec "$official" "$@"
# The clone whose environment is first on PATH; the one that wrote this may be gone.
python=$(command -v python3)
tree=${{python%/.venv/bin/python3}}
[ -d "$tree/airgap/plugins" ] || {{ tree={tree}; python={python}; }}
PYTHONPATH=$tree exec "$python" -P -m airgap.plugins.{name} "$@"
"""


def ensure(directory: Path, report: Callable[[str], None]) -> None:
    """Have the stand-ins, run by this interpreter, where no official plugins are installed."""
    for line in install(directory, Path(sys.executable)):
        report(line)


def install(directory: Path, python: Path) -> list[str]:
    """Write one executable per stand-in into `directory`; answers a line for each, for the user.

    `python` is the interpreter of the virtual environment that holds the SDK and the docker client.
    """
    tree = Path(__file__).resolve().parents[2]
    directory.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, version in VERSIONS.items():
        wrapper = directory / f"pulumi-resource-{name}"
        if official(name, version).exists():
            wrapper.unlink(missing_ok=True)
            lines.append(
                f"{wrapper.name} {version}: the official plugin is installed, no stand-in needed"
            )
            continue
        wrapper.write_text(
            WRAPPER.format(
                name=name,
                version=version,
                tree=shlex.quote(str(tree)),
                python=shlex.quote(str(python)),
            )
        )
        wrapper.chmod(0o755)
        lines.append(f"{wrapper.name} {version}: stand-in at {wrapper}")
    return lines


def official(name: str, version: str) -> Path:
    """Where the CLI keeps the official plugin of that version."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return home / "plugins" / f"resource-{name}-v{version}" / f"pulumi-resource-{name}"
