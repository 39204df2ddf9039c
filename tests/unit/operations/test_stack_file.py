"""The settings of a stack file, read without Pulumi."""

from pathlib import Path

import pytest

from operations import stack_file

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
    assert stack_file.settings("dev").target == "docker"
    assert stack_file.settings("prod").target == "kubernetes"
    assert stack_file.settings("local").target == "kubernetes"


def test_an_encrypted_secret_is_there_and_not_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_file, "ROOT", tmp_path)
    (tmp_path / "Pulumi.mine.yaml").write_text(SECRETS)
    registry = stack_file.settings("mine").registry
    assert registry is not None
    assert registry.password is not None
    assert registry.password.get_secret_value() == "encrypted"


def test_a_stack_without_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_file, "ROOT", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no stack file Pulumi\.mine\.yaml"):
        stack_file.settings("mine")
