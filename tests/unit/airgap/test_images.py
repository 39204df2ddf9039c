"""Builds of the `debian` catalogue, with fakes for the engine and the base image."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from airgap import base_image, engine_images, images
from airgap.engine_images import EngineImage

FIRST = images.CATALOGUE["postgres"]


class Engine:
    """An engine's images by reference, and the references of the images that it built."""

    def __init__(self) -> None:
        self.images: dict[str, EngineImage] = {}
        self.built: list[str] = []
        self._numbers = count()

    def add(self, reference: str, source: str) -> EngineImage:
        self.built.append(reference)
        self.images[reference] = EngineImage(
            id=f"id-{next(self._numbers)}", source=source, created=datetime.now(UTC), size=5 * 10**6
        )
        return self.images[reference]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()

    def build(folder: Path, reference: str, source: str) -> None:
        engine.add(reference, source)

    monkeypatch.setattr(engine_images, "find", engine.images.get)
    monkeypatch.setattr(engine_images, "remove_replaced", lambda image: None)
    monkeypatch.setattr(
        base_image, "build", lambda: engine.add(base_image.NAME, base_image.source())
    )
    monkeypatch.setattr(images, "build", build)
    return engine


def test_an_empty_engine_builds_the_base_first_and_then_every_image(engine: Engine) -> None:
    lines: list[str] = []
    images.ensure(lines.append)
    assert engine.built == [base_image.NAME, *images.CATALOGUE.values()]
    assert lines[0] == f"{base_image.NAME}: built, 5 MB"
    assert lines[-1] == f"0 of {len(images.CATALOGUE)} images were up to date"


def test_images_that_are_up_to_date_are_not_built_again(engine: Engine) -> None:
    images.ensure(print)
    engine.built.clear()
    images.ensure(print)
    assert engine.built == []


def test_only_an_image_whose_source_changed_is_built_again(engine: Engine) -> None:
    images.ensure(print)
    engine.built.clear()
    engine.images[FIRST] = replace(engine.images[FIRST], source="another")
    images.ensure(print)
    assert engine.built == [FIRST]


@pytest.mark.parametrize("renew", [True, False], ids=["on request", "its source changed"])
def test_a_new_base_image_makes_every_image_build_again(engine: Engine, renew: bool) -> None:
    images.ensure(print)
    engine.built.clear()
    if not renew:
        engine.images[base_image.NAME] = replace(engine.images[base_image.NAME], source="another")
    images.ensure(print, renew=renew)
    assert engine.built == [base_image.NAME, *images.CATALOGUE.values()]
