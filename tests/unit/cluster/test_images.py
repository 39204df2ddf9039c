"""The images of the cluster, with a fake for the engine's builds."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from airgap import base, built
from airgap import images as debian
from airgap.built import Built
from airgap.command import AirgapError
from cluster import images


class Engine:
    """`built` are the references of what was built, with the files of their contexts."""

    def __init__(self) -> None:
        self.has = {base.NAME: self.image("base")}
        self.built: dict[str, set[str]] = {}

    def image(self, source: str) -> Built:
        return Built(id=source, source=source, created=datetime.now(UTC), size=10**6)

    def build(self, folder: Path, reference: str, source: str) -> None:
        self.built[reference] = {
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        }
        self.has[reference] = self.image(source)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(built, "find", engine.has.get)
    monkeypatch.setattr(built, "expect", engine.has.__getitem__)
    monkeypatch.setattr(built, "forget", lambda old: None)
    monkeypatch.setattr(debian, "build", engine.build)
    return engine


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    for image in (images.NODE, *images.PULLED):
        for program in image.programs:
            (tmp_path / program.name).touch()
    return tmp_path


def test_each_is_built_once_with_its_programs(engine: Engine, programs: Path) -> None:
    images.ensure(programs, print)
    assert list(engine.built) == [each.reference for each in (images.NODE, *images.PULLED)]
    node = engine.built[images.NODE.reference]
    assert {"Dockerfile", "entrypoint", "programs/kubernetes", "programs/kube-router"} <= node
    assert engine.built[images.BUSYBOX.reference] == {"Dockerfile"}
    assert engine.built["ai-platform/coredns:v1.12.4"] == {
        "Dockerfile",
        "programs/coredns",
    }
    engine.built.clear()
    said: list[str] = []
    images.ensure(programs, said.append)
    assert engine.built == {}
    total = 1 + len(images.PULLED)
    assert said == [f"{total} of {total} images were current"]


def test_all_are_built_again_on_a_new_base(engine: Engine, programs: Path) -> None:
    images.ensure(programs, print)
    engine.built.clear()
    engine.has[base.NAME] = engine.image("renewed")
    images.ensure(programs, print)
    assert len(engine.built) == 1 + len(images.PULLED)


class Pushes:
    """An engine's tags; `fails` refuses what is pushed."""

    def __init__(self) -> None:
        self.tags: set[str] = set()
        self.pushed: list[str] = []
        self.fails = False

    def run(self, *words: str) -> None:
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
    return pushes


def test_what_the_node_pulls_goes_to_the_clusters_registry_and_leaves_no_tag(
    pushes: Pushes,
) -> None:
    images.push("localhost:5001")
    assert pushes.pushed == [f"localhost:5001/{image.reference}" for image in images.PULLED]
    assert pushes.tags == set()


def test_a_tag_that_was_there_before_a_push_stays(pushes: Pushes) -> None:
    pushes.tags = {f"localhost:5001/{images.BUSYBOX.reference}"}
    images.push("localhost:5001")
    assert pushes.tags == {f"localhost:5001/{images.BUSYBOX.reference}"}


def test_a_push_that_fails_leaves_no_tag(pushes: Pushes) -> None:
    pushes.fails = True
    with pytest.raises(AirgapError, match="no such registry"):
        images.push("localhost:5001")
    assert pushes.tags == set()
