"""The verbs: what the Makefile calls is there, and a new shell is set up by what `env` prints."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from operations.__main__ import failed, main
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


@pytest.mark.parametrize("name", ["../dev", "a b", "", "x" * 101, "-x"])
def test_a_name_that_no_stack_can_have_is_refused(name: str) -> None:
    result = CliRunner().invoke(main, ["status", f"--stack={name}"])
    assert result.exit_code == 2
    assert f"{name!r} is no name of a stack" in " ".join(result.output.split())


def test_the_makefile_hands_a_stacks_name_over_in_one_word() -> None:
    assert not re.search(r"--stack \$\((STACK|stack)\)", MAKEFILE)


@pytest.mark.parametrize("verb", ["up", "down", "status", "images"])
def test_a_wrong_stack_file_is_refused_in_words(tmp_path: Path, verb: str) -> None:
    wrong = ROOT / "Pulumi.wrong-in-a-test.yaml"
    wrong.write_text("config: {ai-platform:target: dokcer}")
    try:
        command = [sys.executable, "-m", "operations", verb, "--stack", "wrong-in-a-test"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        wrong.unlink()
    assert run.returncode == 1
    assert run.stderr.startswith("1 wrong setting; nothing was changed.")
    assert "Traceback" not in run.stderr


def test_a_program_that_said_why_it_failed_is_not_repeated() -> None:
    error = subprocess.CalledProcessError(255, ["pulumi", "-C", "/a/directory", "up"])
    assert failed(error).startswith("pulumi failed with exit code 255: what it said is above.")
    quiet = subprocess.CalledProcessError(1, ["docker", "ps"], stderr="no engine\n")
    assert failed(quiet) == "docker ps\nfailed with exit code 1\nno engine"
