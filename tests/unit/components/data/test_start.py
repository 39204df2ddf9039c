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


def program(data: Path, name: str, *lines: str) -> Path:
    """Put a program in front of those of the machine. The result is the directory."""
    programs = data.parents[1] / "bin"
    programs.mkdir(exist_ok=True)
    path = programs / name
    path.write_text("\n".join(("#!/bin/sh", "set -e", *lines)))
    path.chmod(0o755)
    return programs


def run(data: Path, *steps: str) -> subprocess.CompletedProcess[str]:
    """Start the server, whose entry point takes these steps."""
    data.parent.mkdir(exist_ok=True)
    programs = program(data, "docker-entrypoint.sh", *steps, 'echo "$@"')
    program(data, "postgres", "echo 'postgres (PostgreSQL) 15.20 (Debian 15.20-1.pgdg12+1)'")
    return subprocess.run(
        ["sh", SCRIPTS / "start.sh", "postgres", "-cport=1"],
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PGDATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )


def start(data: Path, *steps: str) -> str:
    """A start that succeeds. The result is what it said."""
    result = run(data, *steps)
    assert (result.returncode, result.stdout) == (0, "postgres -cport=1\n"), result.stderr
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


def test_a_directory_that_cannot_be_read_is_not_taken_for_an_empty_one(data: Path) -> None:
    """As after a backup that came back for another user. Once its owner is right, it is used."""
    start(data, DATABASE, COMPLETE)
    programs = program(data, "ls", "echo 'ls: permission denied' >&2", "exit 2")
    result = run(data, "exit 0")
    assert (result.returncode, result.stdout) == (1, "")
    assert f"The directory {data} exists and cannot be read." in result.stderr
    assert not (data.parent / "first-start").exists()
    (programs / "ls").unlink()
    assert start(data, '[ -s "$PGDATA/PG_VERSION" ]') == ""


def test_what_an_interrupted_first_start_left_is_set_aside(data: Path) -> None:
    """Only the last one, so that starts which fail again and again do not fill the volume."""
    aside = data.with_name("pgdata.interrupted")
    start(data, DATABASE, 'touch "$PGDATA/one"')
    assert str(aside) in start(data, DATABASE, 'touch "$PGDATA/two"')
    assert (aside / "one").exists()
    start(data)
    assert sorted(path.name for path in aside.iterdir()) == ["PG_VERSION", "base", "two"]
    # A start that left nothing replaces nothing.
    assert str(aside) not in start(data, DATABASE, COMPLETE)
    assert (aside / "two").exists()


@pytest.mark.parametrize("version", ["14", "16"])
def test_data_of_another_version_is_named_with_its_setting(data: Path, version: str) -> None:
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text(f"{version}\n")
    result = run(data, "exit 0")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"The data in {data} is of PostgreSQL {version}, and this image has PostgreSQL 15. "
        f"Set data.version: {version} and the image back.\n"
    )


def test_a_copy_that_is_not_whole_is_not_served(data: Path) -> None:
    data.mkdir(parents=True)
    (data.parent / "copy-unfinished").touch()
    result = run(data, "exit 0")
    assert (result.returncode, result.stdout) == (1, "")
    assert "`make upgrade-database` begins it again." in result.stderr
    assert not (data.parent / "first-start").exists()


def test_a_whole_copy_is_noted_to_be_in_use(data: Path) -> None:
    """Another copy may replace one that no server has served."""
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    (data.parent / "copied").write_text("platform\tdecisions\t1\n")
    start(data)
    assert not (data.parent / "copied").exists()
    assert (data.parent / "upgraded").read_text() == "platform\tdecisions\t1\n"
