"""Running Pulumi in a workspace, and what its state shows."""

import json
import signal
import socket
import stat
import subprocess
from pathlib import Path

import click
import pytest

from operations import state_repair
from operations.workspace import Workspace
from tests.unit.operations.conftest import program, pulumi_calls

OLD_IMAGE = {
    "urn": f"urn:pulumi:dev::ai-platform::{state_repair.IMAGE_TYPE}::image-ai-platform/web",
    "type": state_repair.IMAGE_TYPE,
}
REDIS = {"urn": "urn:pulumi:dev::ai-platform::docker:index/volume:Volume::redis", "type": "x"}


def test_image_resources_are_removed_from_the_state_and_a_copy_of_it_is_kept(
    workspace: Workspace, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = json.dumps({"version": 3, "deployment": {"resources": [OLD_IMAGE, REDIS]}})
    program(
        machine,
        "pulumi",
        f"""case "$*" in
        *export*) echo '{before}';;
        *import*) cp "$9" {machine}/imported; stat -c %a "$9" > {machine}/mode;;
        esac""",
    )
    workspace.prepare()
    (copy,) = workspace.directory.glob("state-before-*.json")
    after = workspace.directory / "state-after.json"
    assert pulumi_calls(machine)[-1] == f"stack import --stack dev --file {after}"
    assert json.loads((machine / "imported").read_text()) == {
        "version": 3,
        "deployment": {"resources": [REDIS], "pending_operations": []},
    }
    assert (machine / "mode").read_text() == "600\n"
    assert json.loads(copy.read_text()) == json.loads(before)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not after.exists()
    output = capsys.readouterr().out
    assert "no longer contains image-ai-platform/web" in output
    assert str(copy) in output


def test_a_state_that_another_update_changes_is_not_repaired(
    workspace: Workspace, machine: Path
) -> None:
    """Only a backend that is a directory of this machine has its locks there."""
    pending = [{"resource": REDIS, "type": "creating"}]
    deployment = {"resources": [], "pending_operations": pending, "manifest": "begun"}
    text = json.dumps({"deployment": deployment})
    calls = program(
        machine,
        "pulumi",
        f"""case "$*" in *export*) echo '{text}' | sed "s/begun/$$/";; esac""",
    )
    with pytest.raises(click.ClickException, match="another update of it runs"):
        workspace.prepare()
    assert "import" not in calls.read_text()
    assert not list(workspace.directory.glob("state-*"))


@pytest.mark.parametrize(
    ("quiet", "terminal", "arguments"),
    [
        (False, True, "up --yes"),
        (False, False, "--non-interactive up --yes"),
        (True, True, "--non-interactive up --yes"),
    ],
)
def test_pulumi_is_interactive_only_on_a_terminal(
    workspace: Workspace,
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    quiet: bool,
    terminal: bool,
    arguments: str,
) -> None:
    file = program(machine, "pulumi", "")
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    workspace.pulumi("up", "--yes", quiet=quiet)
    assert file.read_text() == f"-C {workspace.directory} {arguments}\n"


def test_an_interrupt_lets_pulumi_save_its_state_first(workspace: Workspace, machine: Path) -> None:
    """The terminal interrupts this process and Pulumi."""
    # A shell that runs the tests in the background makes them ignore the signal.
    previous_handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    saved = machine / "saved"
    program(
        machine,
        "pulumi",
        f"trap 'sleep 1; touch {saved}; exit 1' INT\nsleep 0.5\nkill -INT $PPID $$",
    )
    try:
        with pytest.raises(KeyboardInterrupt):
            workspace.pulumi("up")
    finally:
        signal.signal(signal.SIGINT, previous_handler)
    assert saved.exists()


@pytest.mark.parametrize(("operation", "creates"), [("creating", True), ("updating", False)])
def test_a_verb_first_ends_what_a_killed_update_left(
    workspace: Workspace,
    machine: Path,
    capsys: pytest.CaptureFixture[str],
    operation: str,
    creates: bool,
) -> None:
    """Its lock and the operations in the state. The providers in the state keep their versions."""
    provider = {
        "urn": "urn:pulumi:dev::ai-platform::pulumi:providers:random::random",
        "type": "pulumi:providers:random",
        "inputs": {"version": "4.21.4"},
    }
    deployment = {
        "resources": [provider],
        "pending_operations": [{"resource": REDIS, "type": operation}],
    }
    program(
        machine,
        "pulumi",
        f"""case "$*" in
        *export*) echo '{json.dumps({"version": 3, "deployment": deployment})}';;
        *import*) cp "$9" {machine}/imported;;
        esac""",
    )
    ended = subprocess.Popen(["true"])
    ended.wait()
    lock = workspace.data / "state/.pulumi/locks/organization/ai-platform/dev/1.json"
    lock.parent.mkdir(parents=True)
    holder = {"pid": ended.pid, "hostname": socket.gethostname()}
    lock.write_text(json.dumps({**holder, "username": "ann", "timestamp": "2026-11-30"}))

    assert workspace.prepare() is creates
    # The user may not want the next update, or it may fail.
    assert workspace.prepare() is creates
    workspace.resumed()
    program(machine, "pulumi", "echo '{}'")
    assert workspace.prepare() is False
    assert not lock.exists()
    assert json.loads((machine / "imported").read_text())["deployment"] == {
        "resources": [provider],
        "pending_operations": [],
    }
    assert f"was killed while it was {operation} redis" in capsys.readouterr().out


def test_an_error_names_the_verb_that_installs_pulumi(
    workspace: Workspace, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "cache" / "ai-platform" / "bin" / "pulumi").unlink()
    monkeypatch.setenv("PATH", str(machine))
    with pytest.raises(FileNotFoundError, match="`make up` installs it"):
        workspace.prepare()


def test_outputs_contain_secrets_only_on_request(machine: Path) -> None:
    file = program(machine, "pulumi", """echo '{"target": "docker"}'""")
    workspace = Workspace.of("dev")
    assert workspace.outputs() == {"target": "docker"}
    assert workspace.outputs(secrets=True) == {"target": "docker"}
    first, second = file.read_text().splitlines()
    assert "--show-secrets" not in first
    assert "--show-secrets" in second
