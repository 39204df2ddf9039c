"""The images of the cluster, with fakes for the engine."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from airgap import base_image, engine_images
from airgap import images as debian_images
from airgap.command import AirgapError
from airgap.engine_images import EngineImage
from cluster import images


class Engine:
    """An engine's images; `built` has the files of each build context by reference."""

    def __init__(self) -> None:
        self.images = {base_image.NAME: self.image("base")}
        self.built: dict[str, set[str]] = {}

    def image(self, source: str) -> EngineImage:
        return EngineImage(id=source, source=source, created=datetime.now(UTC), size=10**6)

    def build(self, folder: Path, reference: str, source: str, arguments: Sequence[str]) -> None:
        assert arguments == debian_images.ON_BOOKWORM
        self.built[reference] = {
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        }
        self.images[reference] = self.image(source)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(engine_images, "find", engine.images.get)
    monkeypatch.setattr(engine_images, "expect", engine.images.__getitem__)
    monkeypatch.setattr(engine_images, "remove_replaced", lambda image: None)
    monkeypatch.setattr(debian_images, "build", engine.build)
    return engine


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    for image in (images.NODE, *images.PULLED):
        for program in image.programs:
            (tmp_path / program.name).touch()
    return tmp_path


def test_every_image_is_built_once_with_its_programs(engine: Engine, programs: Path) -> None:
    images.ensure(programs, print)
    assert list(engine.built) == [image.reference for image in (images.NODE, *images.PULLED)]
    node = engine.built[images.NODE.reference]
    assert {"Dockerfile", "entrypoint", "programs/kubernetes", "programs/kube-router"} <= node
    assert engine.built[images.BUSYBOX.reference] == {"Dockerfile"}
    assert engine.built["ai-platform/coredns:v1.12.4"] == {
        "Dockerfile",
        "programs/coredns",
    }
    engine.built.clear()
    lines: list[str] = []
    images.ensure(programs, lines.append)
    assert engine.built == {}
    total = 1 + len(images.PULLED)
    assert lines == [f"{total} of {total} images were up to date"]


def test_a_new_base_image_makes_every_image_build_again(engine: Engine, programs: Path) -> None:
    images.ensure(programs, print)
    engine.built.clear()
    engine.images[base_image.NAME] = engine.image("renewed")
    images.ensure(programs, print)
    assert len(engine.built) == 1 + len(images.PULLED)


class Pushes:
    """An engine's tags and the references that it pushed; every push fails where `fails` is set."""

    def __init__(self) -> None:
        self.tags: set[str] = set()
        self.pushed: list[str] = []
        self.fails = False

    def run(self, *words: str, seconds: float | None = None) -> None:
        if words[1] == "tag":
            self.tags.add(words[3])
        elif words[1] == "push":
            assert words[-1] in self.tags
            if self.fails:
                raise AirgapError("no such registry")
            self.pushed.append(words[-1])
        else:
            assert words[1:3] == ("image", "rm")
            self.tags.remove(words[-1])

    def succeeds(self, *words: str) -> bool:
        assert words[1:3] == ("image", "inspect")
        return words[-1] in self.tags


@pytest.fixture
def pushes(monkeypatch: pytest.MonkeyPatch) -> Pushes:
    pushes = Pushes()
    monkeypatch.setattr(images, "run", pushes.run)
    monkeypatch.setattr(images, "succeeds", pushes.succeeds)
    monkeypatch.setattr(engine_images, "run", pushes.run)
    return pushes


def test_a_push_to_the_clusters_registry_leaves_no_tag(
    pushes: Pushes,
) -> None:
    images.push("localhost:5001")
    assert pushes.pushed == [f"localhost:5001/{image.reference}" for image in images.PULLED]
    assert pushes.tags == set()


def test_a_push_keeps_a_tag_that_existed_before(pushes: Pushes) -> None:
    pushes.tags = {f"localhost:5001/{images.BUSYBOX.reference}"}
    images.push("localhost:5001")
    assert pushes.tags == {f"localhost:5001/{images.BUSYBOX.reference}"}


def test_a_failed_push_leaves_no_tag(pushes: Pushes) -> None:
    pushes.fails = True
    with pytest.raises(AirgapError, match="no such registry"):
        images.push("localhost:5001")
    assert pushes.tags == set()
