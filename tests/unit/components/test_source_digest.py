"""Digests of the source of an image, and the tag that contains one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from components.source_digest import digest, image_digest, tag
from tests.unit.describing import ROOT


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("print()")
    (tmp_path / "Dockerfile").write_text("FROM x")
    return tmp_path


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda app: (app / "main.py").write_text("print(1)"),
    "a file's name": lambda app: (app / "main.py").rename(app / "other.py"),
    "a further file": lambda app: (app / "empty.py").touch(),
    "an executable bit": lambda app: (app / "main.py").chmod(0o755),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_digest_changes_with(context: Path, what: str) -> None:
    before = digest(context)
    assert digest(context) == before
    CHANGES[what](context / "app")
    assert digest(context) != before


def test_files_that_tools_leave_behind_do_not_change_a_digest(context: Path) -> None:
    before = digest(context)
    (context / "app" / "__pycache__").mkdir()
    (context / "app" / "__pycache__" / "main.pyc").write_text("x")
    (context / "wheels").mkdir()
    (context / "wheels" / "x.whl").write_text("x")
    assert digest(context) == before


def test_a_digest_changes_with_the_additional_texts(context: Path) -> None:
    assert len({digest(context), digest(context, "base"), digest(context, "renewed base")}) == 3


def test_a_digest_changes_if_content_moves_between_files(tmp_path: Path) -> None:
    """Names and contents are separated, so different trees have different digests."""
    one, other = tmp_path / "one", tmp_path / "other"
    for directory, files in ((one, {"a": "1b", "c": ""}), (other, {"a": "1", "b": "", "c": ""})):
        directory.mkdir()
        for name, text in files.items():
            (directory / name).write_text(text)
    assert digest(one) != digest(other)


ONE, OTHER = "one.Dockerfile", "other.Dockerfile"


@pytest.fixture
def shared_context(tmp_path: Path) -> Path:
    """A context of two images, each with its own package beside a shared one."""
    for package in ("one", "other", "shared"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "main.py").write_text("print()")
        text = f"FROM x\nCOPY shared /shared\nCOPY {package}* /{package}\n"
        (tmp_path / f"{package}.Dockerfile").write_text(text)
    (tmp_path / ".dockerignore").write_text("__pycache__")
    return tmp_path


def changed(context: Path, change: Callable[[], object]) -> set[str]:
    """The Dockerfiles whose images have another digest after a change."""
    before = {name: image_digest(context, name) for name in (ONE, OTHER)}
    change()
    return {name for name in before if before[name] != image_digest(context, name)}


@pytest.mark.parametrize(
    ("file", "dockerfiles"),
    [
        ("one/main.py", {ONE}),
        ("one/further.py", {ONE}),
        ("other/main.py", {OTHER}),
        ("shared/main.py", {ONE, OTHER}),
        ("one.Dockerfile", {ONE}),
        (".dockerignore", {ONE, OTHER}),
        ("other.Dockerfile.dockerignore", {OTHER}),
        ("README.md", set()),
        ("wheels/one/x.whl", set()),
        ("one/__pycache__/main.pyc", set()),
    ],
)
def test_a_file_changes_the_images_that_copy_it(
    shared_context: Path, file: str, dockerfiles: set[str]
) -> None:
    path = shared_context / file

    def append() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.read_text() if path.exists() else ''}\n# more\n")

    assert changed(shared_context, append) == dockerfiles


def test_a_dockerfile_that_copies_everything_changes_with_every_file(shared_context: Path) -> None:
    (shared_context / ONE).write_text("FROM x\nCOPY . /app\n")
    assert changed(shared_context, (shared_context / "README.md").touch) == {ONE}


def test_the_images_of_the_repository_change_with_their_own_packages(tmp_path: Path) -> None:
    context = tmp_path / "services"
    shutil.copytree(ROOT / "images" / "services", context)
    dockerfiles = ("api.Dockerfile", "decision.Dockerfile")
    for package, concerned in (
        ("backend", {"api.Dockerfile"}),
        ("decision", {"decision.Dockerfile"}),
        ("service", set(dockerfiles)),
    ):
        before = {name: image_digest(context, name) for name in dockerfiles}
        (context / package / "__init__.py").write_text("# changed")
        after = {name: image_digest(context, name) for name in dockerfiles}
        assert {name for name in dockerfiles if before[name] != after[name]} == concerned


def test_a_tag_is_twelve_hexadecimal_digits() -> None:
    digits = tag("source", "base:1", "linux/amd64")
    assert len(digits) == 12
    assert int(digits, 16) >= 0
    assert tag("source", "base:1", "linux/amd64") == digits


def test_a_tag_changes_with_the_source_the_base_and_the_platform() -> None:
    tags = {
        tag("source", "base:1", "linux/amd64"),
        tag("changed", "base:1", "linux/amd64"),
        tag("source", "base:2", "linux/amd64"),
        tag("source", "base:1", "linux/arm64"),
    }
    assert len(tags) == 4
