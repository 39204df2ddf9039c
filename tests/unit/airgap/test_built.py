"""When an image is built anew."""

from pathlib import Path

from airgap import images
from airgap.built import digest
from components.images import ENTRIES


def test_a_digest_changes_with_a_name_a_content_an_executable_bit_and_the_base(
    tmp_path: Path,
) -> None:
    file = tmp_path / "entrypoint.sh"
    file.write_text("one")
    found = [digest(tmp_path, "base"), digest(tmp_path, "renewed base")]
    file.write_text("two")
    found.append(digest(tmp_path, "base"))
    file.chmod(0o755)
    found.append(digest(tmp_path, "base"))
    file.rename(tmp_path / "start.sh")
    found.append(digest(tmp_path, "base"))
    assert len(set(found)) == 5


def test_the_images_built_here_are_those_of_the_catalogue() -> None:
    assert {
        name: entry.debian for name, entry in ENTRIES.items() if entry.debian
    } == images.CATALOGUE
    assert all((images.SOURCES / name / "Dockerfile").exists() for name in images.CATALOGUE)
