"""Images that the engine builds from a directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.plugins.program import BUILT, Program

DOCKERFILE = """\
ARG BASE
FROM $BASE
COPY . /srv/
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / ".dockerignore").write_text("notes\n")
    (tmp_path / "page").write_text("one")
    return tmp_path


def page(program: Program) -> str:
    return program.inside("web", "cat /srv/page")


def test_a_changed_file_builds_again_and_replaces_what_runs_it(
    program: Program, context: Path
) -> None:
    program.up(context=str(context), web={})
    assert page(program) == "one"
    assert program.container("web")["Image"] == program.engine.images.get(BUILT).id
    (context / "notes").write_text("left out")
    assert program.planned(context=str(context), web={}) == {}

    (context / "page").write_text("two")
    assert program.planned(context=str(context), web={}) == {"built": "update", "web": "replace"}
    program.up(context=str(context), web={})
    assert page(program) == "two"


def test_a_build_that_fails_shows_its_last_lines(program: Program, context: Path) -> None:
    (context / "Dockerfile").write_text(DOCKERFILE + "RUN echo the reason && false\n")
    said = program.fail(context=str(context), web={})
    assert f"Unable to build image {BUILT}" in said
    assert "the reason" in said
