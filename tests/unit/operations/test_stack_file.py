"""The settings of a stack file, read without Pulumi."""

from dataclasses import replace
from pathlib import Path

import pytest

from components.settings import SettingsError
from operations import stack_file
from operations.workspace import Workspace

TARGETS = {"dev": "docker", "prod": "kubernetes", "local": "kubernetes"}

SECRETS = """\
config:
  aws:region: somewhere
  ai-platform:target: docker
  ai-platform:registry:
    url: registry.example.com
    user: me
    password: {secure: AAAA}
"""


def test_the_stack_files_of_the_project_are_valid() -> None:
    targets = {name: stack_file.settings(Workspace.of(name)).target for name in TARGETS}
    assert targets == TARGETS


def workspace(directory: Path) -> Workspace:
    config = directory / "Pulumi.mine.yaml"
    return Workspace(stack="mine", config=config, data=directory, program=directory)


def test_an_encrypted_secret_is_set_but_not_readable(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.mine.yaml").write_text(SECRETS)
    registry = stack_file.settings(workspace(tmp_path)).registry
    assert registry is not None
    assert registry.password is not None
    assert registry.password.get_secret_value() == stack_file.UNREADABLE


def test_the_command_that_encrypts_a_secret_names_the_stack(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.mine.yaml").write_text(SECRETS.replace("{secure: AAAA}", "plain"))
    of_acme = replace(workspace(tmp_path), stack="acme/mine")
    with pytest.raises(SettingsError, match=r"pulumi config set --stack acme/mine --secret"):
        stack_file.settings(of_acme)


def test_the_overlay_file_takes_precedence(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.mine.yaml").write_text("config: {ai-platform:target: docker}")
    (tmp_path / "overlay.mine.yaml").write_text("images: {catalogue: debian}")
    assert stack_file.settings(workspace(tmp_path)).images.catalogue == "debian"


def test_a_stack_without_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no stack file Pulumi\.mine\.yaml"):
        stack_file.settings(workspace(tmp_path))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (
            "config:\n  ai-platform:target: docker\n password: [hunter2\n",
            "Pulumi.mine.yaml, line 3",
        ),
        ("config: {a: \x01}", "Pulumi.mine.yaml"),
        ("[docker]", "Pulumi.mine.yaml"),
        ("config: [docker]", "Pulumi.mine.yaml"),
        ("config: docker", "Pulumi.mine.yaml"),
        ("config: {1: docker}", "target"),
        ("config: {ai-platform:target: docker, ai-platform:data: {size: 2024-01-01}}", "data.size"),
        ("config: {ai-platform:target: null}", "target"),
    ],
)
def test_a_file_that_is_not_a_stack_file_is_refused_in_words(
    tmp_path: Path, text: str, path: str
) -> None:
    (tmp_path / "Pulumi.mine.yaml").write_text(text)
    with pytest.raises(SettingsError) as refused:
        stack_file.settings(workspace(tmp_path))
    assert path in [problem.path for problem in refused.value.problems]
    assert "hunter2" not in str(refused.value)


def test_an_encrypted_setting_that_is_no_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.mine.yaml").write_text(
        "config: {ai-platform:target: docker, ai-platform:docker: {bind: {secure: AAAA}}}"
    )
    with pytest.raises(SettingsError, match="only pulumi can decrypt it") as refused:
        stack_file.settings(workspace(tmp_path))
    assert [problem.path for problem in refused.value.problems] == ["docker.bind"]
