"""The lock file: the digest of each official image, which `make lock` writes.

With it, both targets run `reference@digest`, so that a tag that moves changes nothing. Without it,
they run the tags.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from components.images import ENTRIES
from components.plain_files import ROOT
from components.settings import Problem, Settings, SettingsError

PATH = ROOT / "images.lock.yaml"
HEADER = """\
# The digests of the official images. `make lock` writes this file; do not edit it. Without it, the
# stacks run the tags.
"""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def text(digests: Mapping[str, str]) -> str:
    """The content of the lock file."""
    return HEADER + yaml.safe_dump(dict(digests), width=1000)


def digests(settings: Settings, path: Path) -> Mapping[str, str]:
    """The digests of the lock file by reference; empty where there is no file.

    Raises SettingsError where the file lacks an official image that the stack may run, because
    `components/images.py` has changed since `make lock`.
    """
    if not path.exists():
        return {}
    locked = _read(path)
    if settings.images.catalogue == "official":
        replaced = settings.images.references
        references = {entry.official for name, entry in ENTRIES.items() if name not in replaced}
        missing = sorted(reference for reference in references - locked.keys() if reference)
        if missing:
            raise _problem(path, f"no digest of {', '.join(missing)}")
    return locked


def _read(path: Path) -> Mapping[str, str]:
    try:
        content: Any = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError):
        raise _problem(path, "text that is not valid YAML") from None
    if not isinstance(content, dict):
        raise _problem(path, "no mapping of references to digests")
    for reference, digest in content.items():
        if not _DIGEST.fullmatch(str(digest)):
            raise _problem(path, f"{digest!r} as the digest of {reference}")
    return content


def _problem(path: Path, found: str) -> SettingsError:
    allowed = (
        "a digest of every official image: `make lock` writes the file again, or remove it to run "
        "the tags"
    )
    return SettingsError([Problem(path=path.name, found=found, allowed=allowed)])
