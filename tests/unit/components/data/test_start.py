"""The script that starts PostgreSQL, with a program in the place of the image's entry point.

tests/e2e/contracts/test_first_start.py kills real servers.
"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.describing import ROOT

SCRIPTS = ROOT / "database" / "first-start"
# Each entry point does what the image does until it is killed, or until the server runs.
INITDB = 'mkdir -p "$PGDATA"; touch "$PGDATA/base"'
DATABASE = f'{INITDB}; echo 15 > "$PGDATA/PG_VERSION"'
COMPLETE = f". {SCRIPTS}/complete.sh"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "volume" / "pgdata"


def start(data: Path, *steps: str) -> str:
    """Start the server, whose entry point takes these steps. The result is what it said."""
    programs = data.parents[1] / "bin"
    programs.mkdir(exist_ok=True)
    data.parent.mkdir(exist_ok=True)
    entry = programs / "docker-entrypoint.sh"
    entry.write_text("\n".join(("#!/bin/sh", "set -e", *steps, 'echo "$@"')))
    entry.chmod(0o755)
    result = subprocess.run(
        ["sh", SCRIPTS / "start.sh", "postgres", "-cport=1"],
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PGDATA": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "postgres -cport=1\n"
    return result.stderr


@pytest.mark.parametrize("steps", [[], [INITDB], [DATABASE]], ids=["nothing", "initdb", "scripts"])
def test_an_interrupted_first_start_begins_with_an_empty_directory(
    data: Path, steps: list[str]
) -> None:
    start(data, *steps)
    message = start(data, '[ ! -e "$PGDATA" ]', DATABASE, COMPLETE)
    assert message.startswith("The first start was interrupted.")
    assert start(data, '[ -s "$PGDATA/PG_VERSION" ]') == ""


def test_a_complete_database_stays_as_it_is(data: Path) -> None:
    assert start(data, DATABASE, COMPLETE) == ""
    (data / "rows").write_text("acknowledged")
    for _ in range(2):
        assert start(data, '[ -s "$PGDATA/rows" ]') == ""


def test_a_database_from_before_the_mark_stays_as_it_is(data: Path) -> None:
    """Also one without PG_VERSION: only a first start of this script may be repeated."""
    data.mkdir(parents=True)
    (data / "base").touch()
    for _ in range(2):
        assert start(data, '[ -e "$PGDATA/base" ]') == ""


def test_an_empty_directory_has_its_first_start(data: Path) -> None:
    data.mkdir(parents=True)
    assert start(data, INITDB) == ""
    assert start(data, '[ ! -e "$PGDATA" ]').startswith("The first start was interrupted.")
