"""The files of a workspace: its state, its passphrase and its working copy."""

import stat
from dataclasses import replace
from pathlib import Path

import click
import pytest
import yaml

from operations.workspace import ROOT, Workspace
from tests.unit.operations.conftest import pulumi_calls


def copy(workspace: Workspace) -> dict[str, object]:
    plain: dict[str, object] = yaml.safe_load((workspace.directory / "Pulumi.dev.yaml").read_text())
    return plain


def test_only_the_owner_can_read_the_passphrase(workspace: Workspace) -> None:
    workspace.prepare()
    assert stat.S_IMODE(workspace.passphrase_file.stat().st_mode) == 0o600
    assert len(workspace.passphrase_file.read_text()) >= 32


def test_only_the_owner_can_open_the_data_directory(workspace: Workspace) -> None:
    workspace.data.mkdir(mode=0o755, parents=True, exist_ok=True)
    workspace.write_files()
    assert stat.S_IMODE(workspace.data.stat().st_mode) == 0o700


def test_an_existing_passphrase_is_never_overwritten(workspace: Workspace) -> None:
    workspace.prepare()
    first = workspace.passphrase_file.read_text()
    workspace.prepare()
    assert workspace.passphrase_file.read_text() == first


def test_two_machines_have_different_passphrases(workspace: Workspace, tmp_path: Path) -> None:
    workspace.prepare()
    other = Workspace(stack="dev", config=workspace.config, data=tmp_path / "other")
    other.prepare()
    assert workspace.passphrase_file.read_text() != other.passphrase_file.read_text()


def test_the_salt_stays_in_the_copy_and_the_stack_file_does_not_change(
    workspace: Workspace,
) -> None:
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


def test_a_salt_in_the_stack_file_replaces_the_salt_of_the_copy(workspace: Workspace) -> None:
    workspace.prepare()
    workspace.config.write_text("config: {}\nencryptionsalt: v1:own\n")
    workspace.prepare()
    assert copy(workspace)["encryptionsalt"] == "v1:own"


def test_pulumi_runs_the_program_of_the_repository_and_does_not_change_it(
    workspace: Workspace,
) -> None:
    before = (ROOT / "Pulumi.yaml").read_bytes()
    workspace.prepare()
    project = yaml.safe_load((workspace.directory / "Pulumi.yaml").read_text())
    assert project["main"] == str(ROOT)
    assert project["name"] == "ai-platform"
    assert (ROOT / "Pulumi.yaml").read_bytes() == before


def test_a_throw_away_workspace_has_its_own_state_despite_a_login(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://backend.example.com")
    throw_away = replace(workspace, throw_away=True)
    throw_away.write_files()
    assert throw_away.variables["PULUMI_BACKEND_URL"] == f"file://{workspace.data}/state"
    assert throw_away.passphrase_file.exists()


def test_another_tree_runs_with_its_own_project_file_packages_and_variables(
    workspace: Workspace, machine: Path
) -> None:
    tree = machine / "tree"
    tree.mkdir()
    (tree / "Pulumi.yaml").write_text("name: other\nruntime: {name: python, options: {}}\n")
    other = replace(
        workspace, program=tree, virtualenv=machine / "packages", environment={"KUBECONFIG": "none"}
    )
    other.write_files()
    project = yaml.safe_load((other.directory / "Pulumi.yaml").read_text())
    assert (project["name"], project["main"]) == ("other", str(tree))
    assert project["runtime"]["options"]["virtualenv"] == str(machine / "packages")
    assert other.variables["PATH"].startswith(f"{machine}/packages/bin:")
    assert other.variables["KUBECONFIG"] == "none"


def test_writing_the_files_creates_no_stack(workspace: Workspace, machine: Path) -> None:
    workspace.write_files()
    assert (workspace.directory / "Pulumi.dev.yaml").exists()
    assert not (machine / "pulumi.calls").exists()


def test_a_verb_that_a_running_update_refuses_rewrites_no_file(workspace: Workspace) -> None:
    workspace.prepare()
    before = copy(workspace)
    lock = workspace.data / "state/.pulumi/locks/organization/ai-platform/dev/1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text('{"pid": 1, "hostname": "another", "username": "ann", "timestamp": "now"}')
    workspace.config.write_text("config:\n  ai-platform:target: kubernetes\n")
    with pytest.raises(click.ClickException, match="ann on another"):
        workspace.prepare()
    assert copy(workspace) == before


def test_a_missing_stack_is_created(workspace: Workspace, machine: Path) -> None:
    workspace.prepare()
    assert pulumi_calls(machine) == ["stack select --create dev", "stack export --stack dev"]
