"""The environment variables of a workspace, and the user's login."""

import json
import os
from pathlib import Path

import pytest

from operations.backend import logged_in
from operations.workspace import ROOT, Workspace, cache_directory, data_directory, machine_file


def test_all_files_are_in_the_users_own_directories(machine: Path) -> None:
    assert data_directory() == machine / "data" / "ai-platform"
    assert cache_directory() == machine / "cache" / "ai-platform"


def test_the_default_directories_follow_the_xdg_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert data_directory() == Path.home() / ".local" / "share" / "ai-platform"
    assert cache_directory() == Path.home() / ".cache" / "ai-platform"


def test_the_stack_file_is_in_the_repository(machine: Path) -> None:
    assert Workspace.of("prod").config == ROOT / "Pulumi.prod.yaml"


@pytest.mark.parametrize("name", ["PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN"])
def test_a_backend_or_a_token_in_the_environment_is_a_login(machine: Path, name: str) -> None:
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


def test_the_local_state_in_the_environment_is_not_a_login(workspace: Workspace) -> None:
    """Otherwise the verbs would behave differently in a shell that `make env` set up."""
    shell = {"PULUMI_HOME": "/nowhere"} | workspace.variables
    assert not logged_in(shell)


def test_variables_name_the_local_state_and_its_passphrase_file(workspace: Workspace) -> None:
    variables = workspace.variables
    assert variables["PULUMI_BACKEND_URL"] == f"file://{workspace.data}/state"
    assert variables["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(workspace.data / "passphrase")
    assert "PULUMI_CONFIG_PASSPHRASE" not in variables


def test_our_python_and_our_programs_are_first_on_the_path(workspace: Workspace) -> None:
    path = workspace.variables["PATH"].split(os.pathsep)
    assert path[:2] == [str(ROOT / ".venv" / "bin"), str(cache_directory() / "bin")]
    assert workspace.variables["PATH"].endswith(os.environ["PATH"])


def test_the_backend_of_the_users_login_is_used(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://backend.example.com")
    workspace.prepare()
    assert "PULUMI_BACKEND_URL" not in workspace.variables
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in workspace.variables
    assert not workspace.passphrase_file.exists()
    assert not (workspace.data / "state").exists()


def test_compiled_plugins_have_their_own_pulumi_home_and_the_users_login_stays(
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


def test_the_choices_for_clusters_are_exported_when_their_file_exists(
    workspace: Workspace,
) -> None:
    assert "AI_PLATFORM_MACHINE_FILE" not in workspace.variables
    machine_file().parent.mkdir(parents=True)
    machine_file().touch()
    assert workspace.variables["AI_PLATFORM_MACHINE_FILE"] == str(machine_file())


def test_kubeconfig_names_the_users_file_and_the_one_of_our_cluster(
    workspace: Workspace, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(machine))
    assert "KUBECONFIG" not in workspace.variables
    own_file = machine / "data" / "ai-platform" / "cluster" / "kubeconfig"
    own_file.parent.mkdir(parents=True)
    own_file.touch()
    assert Workspace.of("dev").variables["KUBECONFIG"] == str(own_file)
    users_file = machine / ".kube" / "config"
    users_file.parent.mkdir()
    users_file.touch()
    assert Workspace.of("dev").variables["KUBECONFIG"] == f"{users_file}{os.pathsep}{own_file}"


def test_a_kubeconfig_in_the_environment_stays(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_file = machine / "data" / "ai-platform" / "cluster" / "kubeconfig"
    own_file.parent.mkdir(parents=True)
    own_file.touch()
    monkeypatch.setenv("KUBECONFIG", "/etc/kubeconfig")
    assert "KUBECONFIG" not in Workspace.of("dev").variables
