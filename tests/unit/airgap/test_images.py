"""Builds of the `debian` catalogue, with fakes for the engine and the base image."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from airgap import base_image, engine_images, images
from airgap.engine_images import EngineImage
from tests.unit.describing import settings

FIRST = images.CATALOGUE["postgres"]
# What every stack with this catalogue has.
ALL = [reference for name, reference in images.CATALOGUE.items() if name not in images.VARIANTS]


class Engine:
    """An engine's images by reference, and the references of the images that it built."""

    def __init__(self) -> None:
        self.images: dict[str, EngineImage] = {}
        self.built: list[str] = []
        self.arguments: dict[str, list[str]] = {}
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

    def build(folder: Path, reference: str, source: str, arguments: Sequence[str]) -> None:
        engine.add(reference, source)
        engine.arguments[reference] = [*arguments]

    monkeypatch.setattr(engine_images, "find", engine.images.get)
    monkeypatch.setattr(engine_images, "remove_replaced", lambda image: None)
    monkeypatch.setattr(
        base_image,
        "build",
        lambda name=base_image.NAME: engine.add(name, base_image.source(name)),
    )
    monkeypatch.setattr(images, "build", build)
    return engine


def test_an_empty_engine_builds_the_base_first_and_then_every_image(engine: Engine) -> None:
    lines: list[str] = []
    images.ensure(lines.append)
    assert engine.built == [base_image.NAME, *ALL]
    assert lines[0] == f"{base_image.NAME}: built, 5 MB"
    assert lines[-1] == f"0 of {len(ALL)} images were up to date"


def test_a_stack_with_a_newer_server_builds_its_image_on_its_own_base(engine: Engine) -> None:
    images.ensure(print)
    assert images.needed(settings()) == ()
    newer = images.needed(settings({"data": {"version": 17}, "images": {"catalogue": "debian"}}))
    assert newer == ("postgres-17",)
    engine.built.clear()
    images.ensure(print, newer)
    reference = images.CATALOGUE["postgres-17"]
    assert engine.built == [base_image.TRIXIE, reference]
    assert engine.arguments[reference] == [f"BASE={base_image.TRIXIE}", "VERSION=17"]
    assert engine.arguments[FIRST] == [f"BASE={base_image.NAME}"]
    engine.built.clear()
    images.ensure(print, newer)
    assert engine.built == []


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
    assert engine.built == [base_image.NAME, *ALL]
