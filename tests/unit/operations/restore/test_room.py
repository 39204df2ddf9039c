"""A restore is refused before any change where a volume has no room for it."""

import subprocess
from collections.abc import Sequence
from dataclasses import replace as changed
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from operations import backups
from operations.restore import replace
from tests.unit.operations.backup_part import LIST

STATE = backups.parsed(LIST)
SIZE = STATE.complete[0].size


def live(left: int | None) -> Any:
    """A stack whose server has so many bytes left; None for a server that does not run."""

    class Container:
        def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
            assert left is not None
            answer = f"Filesystem\\n/dev/x 9 9 {left // 1024} 9%% /\\n"
            script = f"df() {{ printf '{answer}'; }}\n{command[2]}"
            return subprocess.run(
                ["sh", "-c", script],
                check=True,
                capture_output=True,
                text=True,
                env={"PGDATA": "/data/pgdata", "PATH": "/usr/bin:/bin"},
            ).stdout

    def server() -> Any:
        if left is None:
            raise click.ClickException("postgres does not run")
        return SimpleNamespace(inside=Container())

    return SimpleNamespace(name="dev", server=server)


def test_the_recovered_data_fits_into_both_volumes() -> None:
    replace.expect_room(live(SIZE + 1024), STATE, SIZE)
    replace.expect_room(live(None), STATE, SIZE)


def test_the_volume_of_the_server_has_no_room_for_two() -> None:
    with pytest.raises(click.ClickException, match=r"the volume of the server has 32 MB left") as e:
        replace.expect_room(live(SIZE - 1024**2), STATE, SIZE)
    assert "Nothing was changed. make drop-replaced STACK=dev" in e.value.message


def test_the_volume_of_the_backups_has_no_room() -> None:
    full = changed(STATE, volume_available=SIZE - 1)
    with pytest.raises(click.ClickException, match="the volume of the backup part has 33 MB left"):
        replace.expect_room(live(SIZE * 2), full, SIZE)
