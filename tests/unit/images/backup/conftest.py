"""The program runs with Debian's packages; the ones that these tests do not need are stand-ins."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

STAND_INS = {
    "psycopg2": "Error",
    "psycopg2.extensions": "Error",
}
for name, attribute in STAND_INS.items():
    if name not in sys.modules:
        sys.modules[name] = ModuleType(name)
        setattr(sys.modules[name], attribute, Exception)

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
