"""The verbs: what the Makefile calls is there, and a new shell is set up by what `env` prints."""

import re
import shlex
import subprocess
from pathlib import Path

from click.testing import CliRunner

from operations.__main__ import main
from operations.workspace import ROOT, Workspace

MAKEFILE = (ROOT / "Makefile").read_text()


def test_every_verb_that_the_makefile_calls_is_there() -> None:
    called = set(re.findall(r"\$\(RUN\) ([a-z-]+)", MAKEFILE))
    assert called
    assert called <= set(main.commands)


def test_make_alone_explains_every_verb() -> None:
    # Below `make test`, make would say which directory it enters.
    command = ["make", "--no-print-directory"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    verbs = re.findall(r"^([a-z0-9-]+):", MAKEFILE, re.MULTILINE)
    assert [line.split()[1] for line in said.splitlines()] == verbs
    assert all(len(line.split()) > 3 for line in said.splitlines())


def test_env_prints_what_a_shell_can_evaluate(machine: Path) -> None:
    printed = CliRunner().invoke(main, ["env"]).output
    exported = dict(
        word.split("=", 1)
        for line in printed.splitlines()
        for word in shlex.split(line.removeprefix("export "))
    )
    assert exported == Workspace.of("dev").variables
    assert all(line.startswith("export ") for line in printed.splitlines())


def test_every_verb_says_what_it_does() -> None:
    for name, command in main.commands.items():
        assert command.help, name
