from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from airgap.plugins.docker.build_context import archive, digest, relative_dockerfile

OFFICIAL_DIGEST = "91cbe3bc2745e649a86c919229b69a23688a137750ce32eb84716d3c96036277"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    context = tmp_path / "ctx"
    (context / "src").mkdir(parents=True)
    for name, text, mode in (
        ("Dockerfile", "FROM scratch\n", 0o644),
        (".dockerignore", "*.md\n", 0o644),
        ("notes.md", "n", 0o644),
        ("src/run.sh", "#!/bin/sh\n", 0o755),
    ):
        (context / name).write_text(text)
        (context / name).chmod(mode)
    return context


def test_the_digest_is_the_one_that_the_official_plugin_makes(context: Path) -> None:
    # computed with the official plugin's own code (provider.go, hashContext) for the same files
    assert digest(context, context / "Dockerfile") == OFFICIAL_DIGEST


def test_the_digest_does_not_change_with_what_is_left_out_or_when_files_were_written(
    context: Path,
) -> None:
    before = digest(context, context / "Dockerfile")
    (context / "notes.md").write_text("other")
    (context / "src/run.sh").touch()
    assert digest(context, context / "Dockerfile") == before


@pytest.mark.parametrize("change", ["content", "mode", "name", "new", "link"])
def test_the_digest_changes_with_content_mode_and_name(context: Path, change: str) -> None:
    before = digest(context, context / "Dockerfile")
    script = context / "src/run.sh"
    if change == "content":
        script.write_text("#!/bin/dash\n")
    elif change == "mode":
        script.chmod(0o700)
    elif change == "name":
        script.rename(context / "src/start.sh")
    elif change == "new":
        (context / "empty").touch()
    else:
        (context / "link").symlink_to("src")
    assert digest(context, context / "Dockerfile") != before


def test_the_archive_holds_the_context_without_what_is_left_out_and_belongs_to_root(
    context: Path,
) -> None:
    buffer, dockerfile = archive(context, context / "Dockerfile")
    with tarfile.open(fileobj=buffer) as tar:
        entries = {entry.name: entry for entry in tar}
    assert entries.keys() == {".dockerignore", "src", "src/run.sh", "Dockerfile"}
    assert dockerfile == "Dockerfile"
    assert {(entry.uid, entry.gid) for entry in entries.values()} == {(0, 0)}
    assert entries["src/run.sh"].mode & 0o777 == 0o755


def test_a_dockerfile_that_the_rules_leave_out_is_in_the_archive_all_the_same(
    context: Path,
) -> None:
    (context / ".dockerignore").write_text("*\n")
    buffer, dockerfile = archive(context, context / "Dockerfile")
    with tarfile.open(fileobj=buffer) as tar:
        assert tar.getnames() == [dockerfile]


def test_a_dockerfile_from_elsewhere_gets_a_name_of_its_own(context: Path) -> None:
    elsewhere = context.parent / "Other"
    elsewhere.write_text("FROM debian\n")
    buffer, dockerfile = archive(context, elsewhere)
    with tarfile.open(fileobj=buffer) as tar:
        found = tar.extractfile(dockerfile)
        assert found is not None
        assert found.read() == b"FROM debian\n"
        assert "Dockerfile" in tar.getnames()
    assert relative_dockerfile(context, elsewhere) == "../Other"
