"""The program runs with Debian's packages; the ones that these tests do not need are stand-ins."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

for name in ("psycopg2", "psycopg2.extensions"):
    if name not in sys.modules:
        module = ModuleType(name)
        module.Error = Exception  # type: ignore[attr-defined]
        sys.modules[name] = module

from backup import layout  # noqa: E402
from backup.engine import Catalogue  # noqa: E402
from backup.layout import Layout  # noqa: E402


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A volume, and a scratch of this test."""
    scratch = tmp_path / "scratch"
    monkeypatch.setattr(layout, "SCRATCH", scratch)
    places = Layout(directory=tmp_path / "backups")
    layout.prepare(places)
    return places


@pytest.fixture
def catalogue(places: Layout) -> Catalogue:
    catalogue = Catalogue(layout=places, system="7")
    for folder in (catalogue.streaming, catalogue.wals):
        folder.mkdir(parents=True)
    return catalogue
