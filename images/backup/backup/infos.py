"""Where Barman's files about base backups are: beside their data, or, since Barman 3.13.2, in a
directory of their own. A catalogue that a later Barman took over has both."""

from pathlib import Path

_SUFFIX = "-backup.info"


def of(catalogue: Path, identity: str) -> Path:
    """The file about this backup, which may not exist."""
    later = catalogue / "meta" / f"{identity}{_SUFFIX}"
    return later if later.exists() else catalogue / "base" / identity / "backup.info"


def present(catalogue: Path) -> dict[str, Path]:
    """The files that exist, by the ids of the backups, the oldest first."""
    found = {path.parent.name: path for path in catalogue.glob("base/*/backup.info")}
    later = {path.name.removesuffix(_SUFFIX): path for path in catalogue.glob(f"meta/*{_SUFFIX}")}
    return dict(sorted({**found, **later}.items()))
