"""Files that come into the volume of a service."""

import io
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from operations import docker_stack, import_files, kubernetes_stack
from operations.workspace import Workspace

SERVICES = """\
  ai-platform:api:
    services:
      reports: {image: acme/reports:1, user: '1000:2000', data_volume: {path: /srv/reports}}
"""


class Volume:
    """Where commands run beside a volume that contains `listing`."""

    def __init__(self, listing: str = "") -> None:
        self.listing = listing
        self.commands: list[Sequence[str]] = []
        self.names: list[str] = []

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        self.commands.append(command)
        if isinstance(stdin, Path):
            with tarfile.open(stdin) as archive:
                self.names = archive.getnames()
        return self.listing if command[0] == "ls" else ""


@pytest.fixture
def stack(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Volume], list[Any]]:
    """Makes a stack on a target, and returns the list of the calls that find its volume."""

    def make(target: str, volume: Volume) -> list[Any]:
        config = machine / "Pulumi.dev.yaml"
        images = "images: {repository: registry.example.com/acme}\n  ai-platform:production: false"
        more = f"  ai-platform:{images}\n" if target == "kubernetes" else ""
        config.write_text(f"config:\n  ai-platform:target: {target}\n{more}{SERVICES}")
        workspace = Workspace(stack="dev", config=config, data=machine, program=machine)
        monkeypatch.setattr(Workspace, "of", lambda stack: workspace)
        calls: list[Any] = []

        def found(*arguments: Any, **options: Any) -> Volume:
            calls.append((*arguments[-1:], options))
            return volume

        monkeypatch.setattr(docker_stack, "beside", found)
        monkeypatch.setattr(kubernetes_stack, "inside", found)
        return calls

    return make


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    source = tmp_path / "old"
    (source / "below").mkdir(parents=True)
    (source / "below" / "a.txt").write_text("one")
    (source / ".hidden").write_text("two")
    (source / "link").symlink_to("below/a.txt")
    return source


def test_files_are_extracted_by_the_services_own_user(
    stack: Callable[[str, Volume], list[Any]], directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    volume = Volume("lost+found\n")
    calls = stack("docker", volume)
    import_files.import_files("dev", directory, "reports", replace=None)
    ((workspace, options),) = calls
    assert workspace.stack == "dev"
    assert (options["user"], options["volume"], options["path"]) == (
        "1000:2000",
        "ai-platform-dev-reports-data",
        "/srv/reports",
    )
    assert volume.commands == [
        ["ls", "-A", "/srv/reports"],
        ["tar", "-x", "-o", "-f", "-", "-C", "/srv/reports"],
    ]
    assert volume.names == [".hidden", "below", "below/a.txt", "link"]
    assert "2 files, 6 bytes" in capsys.readouterr().out


def test_on_a_cluster_they_are_extracted_in_the_services_pod(
    stack: Callable[[str, Volume], list[Any]], directory: Path
) -> None:
    volume = Volume()
    assert stack("kubernetes", volume) == []
    import_files.import_files("dev", directory, "reports", replace=None)
    assert ".hidden" in volume.names


@pytest.mark.parametrize(("replace", "refused"), [(None, True), ("1", True), ("reports", False)])
def test_a_volume_with_files_is_changed_only_by_the_services_name(
    stack: Callable[[str, Volume], list[Any]], directory: Path, replace: str | None, refused: bool
) -> None:
    volume = Volume("models\n")
    stack("docker", volume)
    if refused:
        with pytest.raises(click.ClickException, match="REPLACE=reports overwrites"):
            import_files.import_files("dev", directory, "reports", replace=replace)
    else:
        import_files.import_files("dev", directory, "reports", replace=replace)
    assert bool(volume.names) is not refused


def test_a_service_without_a_volume_gets_no_files(
    stack: Callable[[str, Volume], list[Any]], directory: Path
) -> None:
    stack("docker", Volume())
    with pytest.raises(click.UsageError, match="These services have one: reports"):
        import_files.import_files("dev", directory, "backend", replace=None)


def test_a_packed_tar_file_arrives_without_its_own_root(tmp_path: Path, directory: Path) -> None:
    """The service's user may not change the root of its volume."""
    source, archive = tmp_path / "old.tar.gz", tmp_path / "archive"
    with tarfile.open(source, "w:gz") as packed:
        packed.add(directory, ".")
    assert import_files.pack(source, archive) == "2 files, 6 bytes"
    with tarfile.open(archive) as unpacked:
        assert sorted(unpacked.getnames()) == ["./.hidden", "./below", "./below/a.txt", "./link"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../up"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    source = tmp_path / "old.tar"
    with tarfile.open(source, "w") as packed:
        packed.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(click.ClickException, match="below the imported directory"):
        import_files.pack(source, tmp_path / "archive")


@pytest.mark.parametrize("content", [b"", b"text", b"\x1f\x8b\x08"])
def test_what_is_no_tar_file_is_refused(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "old.tar"
    source.write_bytes(content)
    with pytest.raises(click.ClickException, match="neither a directory nor a complete tar file"):
        import_files.pack(source, tmp_path / "archive")
