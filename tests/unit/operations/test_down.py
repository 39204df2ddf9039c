"""Taking a stack down spares kept data, unless it is asked for by name."""

from pathlib import Path

import pytest

from operations import steps
from operations.down import down
from operations.workspace import Workspace
from tests.unit.operations.conftest import program

ASKED = " ".join(steps.UNASKED)
KEPT = '[{"Name": "ai-platform-dev-postgres"}]'


@pytest.fixture
def asked(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What Pulumi is asked to do, one line each; the engine keeps one volume."""
    program(
        machine,
        "docker",
        f"case $2 in ls) echo v;; inspect) echo '{KEPT}';; esac",
    )
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    return program(machine, "pulumi", "")


def verbs(asked: Path) -> list[str]:
    return [line.partition("--non-interactive ")[2] for line in asked.read_text().splitlines()]


def test_kept_data_is_spared_and_named(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    down(Workspace.of("dev"), purge=False)
    assert verbs(asked)[1:] == [
        f"destroy {ASKED} --exclude-protected --stack dev",
    ]
    said = capsys.readouterr().out
    assert "ai-platform-dev-postgres" in said
    assert "make down STACK=dev PURGE=1 removes them" in said


def test_a_purge_unprotects_first_and_leaves_nothing(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    down(Workspace.of("dev"), purge=True)
    assert verbs(asked)[1:] == [
        "state unprotect --all --yes --stack dev",
        f"destroy {ASKED} --stack dev",
        "stack rm --yes dev",
    ]
    assert "Nothing of the stack dev is left." in capsys.readouterr().out
