"""The lock file, and the errors for one that does not fit the catalogue."""

from pathlib import Path

import pulumi
import pytest

from components import image_lock
from components.images import ENTRIES
from components.settings import SettingsError
from tests.unit.describing import KUBERNETES, settings
from tests.unit.rendering import render

DIGEST = f"sha256:{'1' * 64}"
OFFICIAL = {entry.official: DIGEST for entry in ENTRIES.values() if entry.official}
POSTGRES = ENTRIES["postgres"].official


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "images.lock.yaml"
    path.write_text(image_lock.text(OFFICIAL))
    return path


def test_a_file_that_was_written_is_read_again(path: Path) -> None:
    assert image_lock.digests(settings(), path) == OFFICIAL
    assert path.read_text().splitlines()[-1].startswith("redis:")


def test_without_a_file_nothing_is_locked(tmp_path: Path) -> None:
    assert image_lock.digests(settings(), tmp_path / "images.lock.yaml") == {}


def test_a_lock_of_an_older_catalogue_is_rejected_with_the_images_that_changed(path: Path) -> None:
    old = {reference: digest for reference, digest in OFFICIAL.items() if reference != POSTGRES}
    path.write_text(image_lock.text({**old, "postgres:15.18-bookworm": DIGEST}))
    with pytest.raises(SettingsError) as caught:
        image_lock.digests(settings(), path)
    (problem,) = caught.value.problems
    assert (problem.path, problem.found) == ("images.lock.yaml", f"no digest of {POSTGRES}")
    assert "`make lock` writes the file again" in problem.allowed


@pytest.mark.parametrize(
    "images", [{"references": {"postgres": "acme/postgres:15.20"}}, {"catalogue": "debian"}]
)
def test_an_image_that_the_stack_does_not_run_need_not_be_locked(
    path: Path, images: dict[str, object]
) -> None:
    path.write_text(image_lock.text({key: DIGEST for key in OFFICIAL if key != POSTGRES}))
    assert POSTGRES not in image_lock.digests(settings({"images": images}), path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: [", "not valid YAML"),
        ("- a", "no mapping"),
        ("", "no mapping"),
        ("postgres:15.20-bookworm: 15", "15 as the digest of postgres:15.20-bookworm"),
    ],
)
def test_a_file_that_is_no_lock_is_rejected(path: Path, text: str, found: str) -> None:
    path.write_text(text)
    with pytest.raises(SettingsError, match=found):
        image_lock.digests(settings(), path)


def test_every_official_image_of_both_targets_runs_with_its_digest(path: Path) -> None:
    dev, prod = render(lock=path), render(KUBERNETES, lock=path)
    images = dev.of_type("RemoteImage")
    pulled = {item.inputs["name"] for item in images.values() if "build" not in item.inputs}
    assert all(name.endswith(f"@{DIGEST}") for name in pulled)
    bases = {item.inputs["build"]["buildArgs"]["BASE"] for item in images.values()
             if "build" in item.inputs}  # fmt: skip
    assert bases <= pulled
    assert dev.outputs["images"]["postgres"] == f"{POSTGRES}@{DIGEST}"
    assert prod.outputs["images"]["postgres"] == f"{POSTGRES}@{DIGEST}"
    postgres = prod.of_type("StatefulSet")["postgres"].inputs["spec"]["template"]["spec"]
    assert postgres["containers"][0]["image"] == f"{POSTGRES}@{DIGEST}"


def test_the_program_ends_before_its_first_resource_if_the_lock_is_old(path: Path) -> None:
    path.write_text(image_lock.text({"postgres:15.18-bookworm": DIGEST}))
    with pytest.raises(pulumi.RunError, match="make lock"):
        render(lock=path)
