"""Where a stack's state lives, and how Pulumi is run on it."""

import json
import os
import signal
import stat
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from operations import old_state
from operations.workspace import (
    ROOT,
    Workspace,
    cache_directory,
    data_directory,
    logged_in,
    machine_file,
)
from tests.unit.operations.conftest import program

# Pulumi writes a salt into the stack file that it works with, where there is none.
WRITES_SALT = """
file="$2/Pulumi.dev.yaml"
grep -q encryptionsalt "$file" || echo "encryptionsalt: v1:salt-$$" >> "$file"
echo '{}'
"""


@pytest.fixture
def workspace(machine: Path) -> Workspace:
    program(machine, "pulumi", WRITES_SALT)
    config = machine / "Pulumi.dev.yaml"
    config.write_text("config:\n  ai-platform:target: docker\n")
    return Workspace(stack="dev", config=config, data=data_directory())


def copy(workspace: Workspace) -> dict[str, object]:
    plain: dict[str, object] = yaml.safe_load((workspace.directory / "Pulumi.dev.yaml").read_text())
    return plain


def test_everything_is_kept_in_the_users_own_directories(machine: Path) -> None:
    assert data_directory() == machine / "data" / "ai-platform"
    assert cache_directory() == machine / "cache" / "ai-platform"


def test_without_those_directories_named_the_usual_ones_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert data_directory() == Path.home() / ".local" / "share" / "ai-platform"
    assert cache_directory() == Path.home() / ".cache" / "ai-platform"


def test_a_stacks_file_is_the_one_in_the_repository(machine: Path) -> None:
    assert Workspace.of("prod").config == ROOT / "Pulumi.prod.yaml"


@pytest.mark.parametrize("name", ["PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN"])
def test_a_backend_or_a_token_of_ones_own_is_a_login(machine: Path, name: str) -> None:
    assert logged_in({"PULUMI_HOME": str(machine), name: "https://backend.example.com"})


@pytest.mark.parametrize(
    ("credentials", "login"),
    [
        (None, False),
        ({}, False),
        ({"current": ""}, False),
        ({"current": "https://backend.example.com"}, True),
    ],
)
def test_a_login_is_read_from_pulumis_credentials(
    machine: Path, credentials: dict[str, str] | None, login: bool
) -> None:
    if credentials is not None:
        (machine / "credentials.json").write_text(json.dumps(credentials))
    assert logged_in({"PULUMI_HOME": str(machine)}) is login


def test_our_own_state_in_the_shell_is_no_login(workspace: Workspace) -> None:
    """Else a shell that `make env` has set up would change what the verbs do."""
    shell = {"PULUMI_HOME": "/nowhere"} | workspace.variables
    assert not logged_in(shell)


def test_variables_name_the_local_state_and_its_passphrase_file(workspace: Workspace) -> None:
    variables = workspace.variables
    assert variables["PULUMI_BACKEND_URL"] == f"file://{workspace.data}/state"
    assert variables["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(workspace.data / "passphrase")
    assert "PULUMI_CONFIG_PASSPHRASE" not in variables


def test_variables_put_our_python_and_our_programs_first_on_the_path(workspace: Workspace) -> None:
    path = workspace.variables["PATH"].split(os.pathsep)
    assert path[:2] == [str(ROOT / ".venv" / "bin"), str(cache_directory() / "bin")]
    assert workspace.variables["PATH"].endswith(os.environ["PATH"])


def test_where_the_user_is_logged_in_their_backend_is_used(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://backend.example.com")
    workspace.prepare()
    assert "PULUMI_BACKEND_URL" not in workspace.variables
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in workspace.variables
    assert not workspace.passphrase_file.exists()
    assert not (workspace.data / "state").exists()


def test_compiled_plugins_have_a_home_of_their_own_and_the_users_login_stays(
    workspace: Workspace, machine: Path
) -> None:
    assert "PULUMI_HOME" not in workspace.variables
    assert "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION" not in workspace.variables
    home = machine / "cache" / "ai-platform" / "pulumi"
    home.mkdir()
    assert workspace.variables["PULUMI_HOME"] == str(home)
    assert workspace.variables["PULUMI_CREDENTIALS_PATH"] == str(machine / "pulumi-home")
    assert workspace.variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "1"
    login = machine / "pulumi-home" / "credentials.json"
    login.parent.mkdir()
    login.write_text('{"current": "https://backend.example.com"}')
    assert logged_in(workspace.variables)


def test_what_this_machine_chose_for_clusters_is_named_once_it_is_there(
    workspace: Workspace,
) -> None:
    assert "AI_PLATFORM_MACHINE_FILE" not in workspace.variables
    machine_file().parent.mkdir(parents=True)
    machine_file().touch()
    assert workspace.variables["AI_PLATFORM_MACHINE_FILE"] == str(machine_file())


def test_only_its_owner_reads_the_passphrase(workspace: Workspace) -> None:
    workspace.prepare()
    assert stat.S_IMODE(workspace.passphrase_file.stat().st_mode) == 0o600
    assert len(workspace.passphrase_file.read_text()) >= 32


def test_nobody_else_looks_into_the_state(workspace: Workspace) -> None:
    workspace.data.mkdir(mode=0o755, parents=True, exist_ok=True)
    workspace.lay()
    assert stat.S_IMODE(workspace.data.stat().st_mode) == 0o700


def test_a_passphrase_that_is_there_is_never_overwritten(workspace: Workspace) -> None:
    workspace.prepare()
    first = workspace.passphrase_file.read_text()
    workspace.prepare()
    assert workspace.passphrase_file.read_text() == first


def test_two_machines_have_different_passphrases(workspace: Workspace, tmp_path: Path) -> None:
    workspace.prepare()
    other = Workspace(stack="dev", config=workspace.config, data=tmp_path / "other")
    other.prepare()
    assert workspace.passphrase_file.read_text() != other.passphrase_file.read_text()


def test_the_salt_stays_in_the_copy_and_the_stack_file_untouched(workspace: Workspace) -> None:
    before = workspace.config.read_bytes()
    workspace.prepare()
    salt = copy(workspace)["encryptionsalt"]
    assert str(salt).startswith("v1:salt-")
    workspace.prepare()
    assert copy(workspace)["encryptionsalt"] == salt
    assert workspace.config.read_bytes() == before


def test_a_changed_stack_file_reaches_the_copy(workspace: Workspace) -> None:
    workspace.prepare()
    workspace.config.write_text("config:\n  ai-platform:target: kubernetes")
    workspace.prepare()
    assert copy(workspace)["config"] == {"ai-platform:target": "kubernetes"}
    assert "encryptionsalt" in copy(workspace)


def test_a_salt_of_the_stack_files_own_wins(workspace: Workspace) -> None:
    workspace.prepare()
    workspace.config.write_text("config: {}\nencryptionsalt: v1:own\n")
    workspace.prepare()
    assert copy(workspace)["encryptionsalt"] == "v1:own"


def test_the_repository_is_untouched_and_its_program_is_what_runs(workspace: Workspace) -> None:
    before = (ROOT / "Pulumi.yaml").read_bytes()
    workspace.prepare()
    project = yaml.safe_load((workspace.directory / "Pulumi.yaml").read_text())
    assert project["main"] == str(ROOT)
    assert project["name"] == "ai-platform"
    assert (ROOT / "Pulumi.yaml").read_bytes() == before


def test_one_that_is_thrown_away_has_a_state_of_its_own_whatever_the_login(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://backend.example.com")
    thrown_away = replace(workspace, throw_away=True)
    thrown_away.lay()
    assert thrown_away.variables["PULUMI_BACKEND_URL"] == f"file://{workspace.data}/state"
    assert thrown_away.passphrase_file.exists()


def test_another_tree_runs_with_its_own_project_file_packages_and_variables(
    workspace: Workspace, machine: Path
) -> None:
    tree = machine / "tree"
    tree.mkdir()
    (tree / "Pulumi.yaml").write_text("name: theirs\nruntime: {name: python, options: {}}\n")
    theirs = replace(
        workspace, program=tree, virtualenv=machine / "packages", environment={"KUBECONFIG": "none"}
    )
    theirs.lay()
    project = yaml.safe_load((theirs.directory / "Pulumi.yaml").read_text())
    assert (project["name"], project["main"]) == ("theirs", str(tree))
    assert project["runtime"]["options"]["virtualenv"] == str(machine / "packages")
    assert theirs.variables["PATH"].startswith(f"{machine}/packages/bin:")
    assert theirs.variables["KUBECONFIG"] == "none"


def test_what_is_laid_out_makes_no_stack(workspace: Workspace, machine: Path) -> None:
    workspace.lay()
    assert (workspace.directory / "Pulumi.dev.yaml").exists()
    assert not (machine / "pulumi.asked").exists()


def test_the_stack_is_made_where_it_does_not_exist(workspace: Workspace, machine: Path) -> None:
    workspace.prepare()
    assert asked(machine) == ["stack select --create dev", "stack export --stack dev"]


def asked(machine: Path) -> list[str]:
    """What Pulumi was asked, one line each."""
    lines = (machine / "pulumi.asked").read_text().splitlines()
    return [line.partition("--non-interactive ")[2] for line in lines]


OLD_IMAGE = {
    "urn": f"urn:pulumi:dev::ai-platform::{old_state.TYPE}::image-ai-platform/web",
    "type": old_state.TYPE,
}
REDIS = {"urn": "urn:pulumi:dev::ai-platform::docker:index/volume:Volume::redis", "type": "x"}


def test_images_of_a_type_that_is_gone_leave_the_state_which_is_kept_as_it_was(
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
    copy, after = (workspace.directory / f"state-{when}.json" for when in ("before", "after"))
    assert asked(machine)[-1] == f"stack import --stack dev --file {after}"
    assert json.loads((machine / "imported").read_text()) == {
        "version": 3,
        "deployment": {"resources": [REDIS], "pending_operations": []},
    }
    assert (machine / "mode").read_text() == "600\n"
    assert json.loads(copy.read_text()) == json.loads(before)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not after.exists()
    printed = capsys.readouterr().out
    assert "no longer holds image-ai-platform/web" in printed
    assert str(copy) in printed


def test_containers_that_failed_to_start_are_known(workspace: Workspace, machine: Path) -> None:
    kind = "docker:index/container:Container"
    resources = [
        {"urn": "a", "type": kind, "initErrors": ["container failed to be in healthy state"]},
        {"urn": "b", "type": kind, "initErrors": []},
        {"urn": "c", "type": "docker:index/volume:Volume", "initErrors": ["x"]},
    ]
    program(machine, "pulumi", f"echo '{json.dumps({'deployment': {'resources': resources}})}'")
    assert workspace.failed() == ["a"]


@pytest.mark.parametrize(
    ("quiet", "terminal", "expected"),
    [
        (False, True, "up --yes"),
        (False, False, "--non-interactive up --yes"),
        (True, True, "--non-interactive up --yes"),
    ],
)
def test_pulumi_draws_only_where_somebody_watches(
    workspace: Workspace,
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    quiet: bool,
    terminal: bool,
    expected: str,
) -> None:
    asked = program(machine, "pulumi", "")
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    workspace.pulumi("up", "--yes", quiet=quiet)
    assert asked.read_text() == f"-C {workspace.directory} {expected}\n"


def test_an_interrupt_lets_pulumi_save_its_state_first(workspace: Workspace, machine: Path) -> None:
    """As from a terminal, which interrupts both."""
    # Where the tests run in the background, the shell has them ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
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
        signal.signal(signal.SIGINT, before)
    assert saved.exists()


def test_a_machine_without_pulumi_is_told_what_puts_it_there(
    workspace: Workspace, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "cache" / "ai-platform" / "bin" / "pulumi").unlink()
    monkeypatch.setenv("PATH", str(machine))
    with pytest.raises(FileNotFoundError, match="`make up` puts it there"):
        workspace.prepare()


def test_outputs_show_secrets_only_when_asked_for(machine: Path) -> None:
    asked = program(machine, "pulumi", """echo '{"target": "docker"}'""")
    workspace = Workspace.of("dev")
    assert workspace.outputs() == {"target": "docker"}
    assert workspace.outputs(secrets=True) == {"target": "docker"}
    first, second = asked.read_text().splitlines()
    assert "--show-secrets" not in first
    assert "--show-secrets" in second


def test_the_cluster_of_this_machine_is_found_beside_the_users_own(
    workspace: Workspace, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(machine))
    assert "KUBECONFIG" not in workspace.variables
    ours = machine / "data" / "ai-platform" / "cluster" / "kubeconfig"
    ours.parent.mkdir(parents=True)
    ours.touch()
    assert Workspace.of("dev").variables["KUBECONFIG"] == str(ours)
    users = machine / ".kube" / "config"
    users.parent.mkdir()
    users.touch()
    assert Workspace.of("dev").variables["KUBECONFIG"] == f"{users}{os.pathsep}{ours}"


def test_a_kubeconfig_that_the_user_names_stays(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = machine / "data" / "ai-platform" / "cluster" / "kubeconfig"
    ours.parent.mkdir(parents=True)
    ours.touch()
    monkeypatch.setenv("KUBECONFIG", "/etc/kubeconfig")
    assert "KUBECONFIG" not in Workspace.of("dev").variables
