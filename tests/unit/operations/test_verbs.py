"""The verbs of the Makefile, and the output of `env`."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from operations import down, purge
from operations.__main__ import failure_message, main
from operations.workspace import ROOT, Workspace

MAKEFILE = (ROOT / "Makefile").read_text()


def test_every_verb_that_the_makefile_calls_exists() -> None:
    verbs = set(re.findall(r"\$\(RUN\) ([a-z-]+)", MAKEFILE))
    assert verbs
    assert verbs <= set(main.commands)


def test_make_alone_explains_every_verb() -> None:
    # Under `make test`, make would also print the directory that it enters.
    command = ["make", "--no-print-directory"]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    verbs = re.findall(r"^([a-z0-9-]+):", MAKEFILE, re.MULTILINE)
    assert [line.split()[1] for line in output.splitlines()] == verbs
    assert all(len(line.split()) > 3 for line in output.splitlines())


def test_yes_answers_for_machines() -> None:
    def run(*words: str) -> str:
        command = ["make", "--no-print-directory", "--dry-run", "up", "STACK=acme/prod", *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "up --stack 'acme/prod' --yes" in run("YES=1")
    assert "--yes" not in run()


def test_env_prints_exports_that_a_shell_can_evaluate(machine: Path) -> None:
    output = CliRunner().invoke(main, ["env"]).output
    exported = dict(
        word.split("=", 1)
        for line in output.splitlines()
        for word in shlex.split(line.removeprefix("export "))
    )
    assert exported == Workspace.of("dev").variables
    # Plain `pulumi` may run before the first verb that changes something.
    assert Path(exported["PULUMI_BACKEND_URL"].removeprefix("file://")).is_dir()
    assert Path(exported["PULUMI_CONFIG_PASSPHRASE_FILE"]).is_file()
    assert all(line.startswith("export ") for line in output.splitlines())


def test_every_verb_has_a_help_text() -> None:
    for name, command in main.commands.items():
        assert command.help, name


@pytest.mark.parametrize("name", ["../dev", "a b", "", "x" * 101, "-x"])
def test_an_invalid_stack_name_is_rejected(name: str) -> None:
    result = CliRunner().invoke(main, ["status", f"--stack={name}"])
    assert result.exit_code == 2
    assert f"{name!r} is not a valid stack name" in " ".join(result.output.split())


def test_the_makefile_quotes_a_stacks_name() -> None:
    assert not re.search(r"--stack \$\((STACK|stack)\)", MAKEFILE)


@pytest.mark.parametrize("verb", ["up", "down", "status", "images"])
def test_a_wrong_stack_file_is_rejected_without_a_traceback(tmp_path: Path, verb: str) -> None:
    stack_file = ROOT / "Pulumi.wrong-in-a-test.yaml"
    stack_file.write_text("config: {ai-platform:target: dokcer}")
    try:
        command = [sys.executable, "-m", "operations", verb, "--stack", "wrong-in-a-test"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        stack_file.unlink()
    assert run.returncode == 1
    assert run.stderr.startswith("1 wrong setting; nothing was changed.")
    assert "Traceback" not in run.stderr


def test_a_failure_message_does_not_repeat_output_that_the_terminal_shows() -> None:
    error = subprocess.CalledProcessError(255, ["docker", "build"])
    assert failure_message(error) == "docker failed with exit code 255; its output is above."


def test_a_failed_update_says_how_to_go_on_with_its_stack() -> None:
    command = ["pulumi", "-C", "/a/directory", "up", "--stack", "reports"]
    message = failure_message(subprocess.CalledProcessError(255, command))
    assert message.startswith("pulumi failed with exit code 255; its output is above.")
    assert "make up STACK=reports" in message
    assert message.endswith("pulumi cancel --stack reports")


def test_a_failed_removal_is_not_continued_by_an_up() -> None:
    command = ["pulumi", "-C", "/a/directory", "destroy", "--stack", "reports"]
    message = failure_message(subprocess.CalledProcessError(255, command))
    assert "When the cause is mended: the same make down. It also continues" in message
    assert "make up" not in message


def test_a_purge_passes_the_name_on_and_a_yes_is_none() -> None:
    def run(*words: str) -> str:
        command = ["make", "--no-print-directory", "--dry-run", "down", *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "--purge" not in run("STACK=prod", "YES=1", "CONFIRM=prod")
    command = run("STACK=prod", "PURGE=1", "CONFIRM=prod", "WITHOUT_BACKUP=1")
    assert "--purge" in command
    assert "--confirm 'prod' --without-backup" in command
    assert "--confirm" not in run("PURGE=1", "YES=1")


def test_the_options_of_a_purge_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(purge, "purge", lambda workspace, **options: calls.append(options))
    monkeypatch.setattr(down, "down", lambda workspace, **options: calls.append(options))
    for options in (
        ["--purge"],
        ["--purge", "--yes", "--confirm=dev", "--without-backup"],
        ["--confirm=dev"],
        ["--yes"],
    ):
        assert CliRunner().invoke(main, ["down", *options]).exit_code == 0
    assert calls == [
        {"confirmed": None, "without_backup": False},
        {"confirmed": "dev", "without_backup": True},
        {"yes": False},
        {"yes": True},
    ]


def test_a_quiet_program_is_quoted_with_its_output() -> None:
    quiet = subprocess.CalledProcessError(1, ["docker", "ps"], stderr="no engine\n")
    assert failure_message(quiet) == "docker ps\nfailed with exit code 1\nno engine"
