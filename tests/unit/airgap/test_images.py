"""Which images of the `debian` catalogue are built, with fakes for the engine and the base."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from airgap import base, built, images
from airgap.built import Built

FIRST = images.CATALOGUE["postgres"]


class Engine:
    """The images that an engine has, and what was built on it."""

    def __init__(self) -> None:
        self.has: dict[str, Built] = {}
        self.made: list[str] = []
        self._numbers = count()

    def put(self, reference: str, source: str) -> Built:
        self.made.append(reference)
        self.has[reference] = Built(
            id=f"id-{next(self._numbers)}", source=source, created=datetime.now(UTC), size=5 * 10**6
        )
        return self.has[reference]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()

    def build(folder: Path, reference: str, source: str) -> None:
        engine.put(reference, source)

    monkeypatch.setattr(built, "find", engine.has.get)
    monkeypatch.setattr(built, "forget", lambda replaced: None)
    monkeypatch.setattr(base, "make", lambda: engine.put(base.NAME, base.source()))
    monkeypatch.setattr(images, "build", build)
    return engine


def test_on_an_engine_without_images_the_base_is_made_first_and_then_all(engine: Engine) -> None:
    lines: list[str] = []
    images.ensure(lines.append)
    assert engine.made == [base.NAME, *images.CATALOGUE.values()]
    assert lines[0] == f"{base.NAME}: made, 5 MB"
    assert lines[-1] == f"0 of {len(images.CATALOGUE)} images were current"


def test_what_is_current_is_not_built_again(engine: Engine) -> None:
    images.ensure(print)
    engine.made.clear()
    images.ensure(print)
    assert engine.made == []


def test_an_image_whose_source_changed_is_built_again_and_no_other(engine: Engine) -> None:
    images.ensure(print)
    engine.made.clear()
    engine.has[FIRST] = replace(engine.has[FIRST], source="another")
    images.ensure(print)
    assert engine.made == [FIRST]


@pytest.mark.parametrize("asked", [True, False], ids=["asked to", "its source changed"])
def test_a_base_that_is_renewed_renews_every_image(engine: Engine, asked: bool) -> None:
    images.ensure(print)
    engine.made.clear()
    if not asked:
        engine.has[base.NAME] = replace(engine.has[base.NAME], source="another")
    images.ensure(print, renew=asked)
    assert engine.made == [base.NAME, *images.CATALOGUE.values()]
