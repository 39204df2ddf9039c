"""The reference images outside a stack."""

from pathlib import Path

import pytest

from components.settings.models import Settings
from operations.images import BASES, digest
from tests.unit.describing import ROOT


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("print()")
    (tmp_path / "Dockerfile").write_text("FROM x")
    return tmp_path


def test_the_digest_is_twelve_hexadecimal_digits_and_stays(context: Path) -> None:
    assert len(digest(context)) == 12
    assert int(digest(context), 16) >= 0
    assert digest(context) == digest(context)


def test_it_changes_with_the_content_the_name_and_the_number_of_files(context: Path) -> None:
    found = {digest(context)}
    (context / "app" / "main.py").write_text("print(1)")
    found.add(digest(context))
    (context / "app" / "main.py").rename(context / "app" / "other.py")
    found.add(digest(context))
    (context / "app" / "empty.py").touch()
    found.add(digest(context))
    assert len(found) == 4


def test_what_python_and_the_machine_leave_behind_does_not_change_it(context: Path) -> None:
    before = digest(context)
    (context / "app" / "__pycache__").mkdir()
    (context / "app" / "__pycache__" / "main.pyc").write_text("x")
    (context / "wheels").mkdir()
    (context / "wheels" / "x.whl").write_text("x")
    assert digest(context) == before


def test_a_change_that_moves_content_between_files_is_seen(tmp_path: Path) -> None:
    """Name and content are told apart, so that no two trees look the same."""
    one, other = tmp_path / "one", tmp_path / "other"
    for directory, files in ((one, {"a": "1b", "c": ""}), (other, {"a": "1", "b": "", "c": ""})):
        directory.mkdir()
        for name, text in files.items():
            (directory / name).write_text(text)
    assert digest(one) != digest(other)


def test_what_is_built_by_hand_is_what_the_stack_builds() -> None:
    settings = Settings.model_validate({"target": "docker"})
    built = {service.build for service in settings.api.services.values()} | {settings.web.build}
    assert {f"images/{name}" for name in BASES} == built
    assert all((ROOT / "images" / name / "Dockerfile").is_file() for name in BASES)
