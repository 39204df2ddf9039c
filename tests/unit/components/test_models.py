"""The volume of a service's model files, and the step that fills it."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from components import models
from components.catalogue import Catalogue
from components.container import Identity, Image, Resources, Step
from components.settings import Service
from components.text import Secret
from components.volumes import ExistingVolume, Volume
from tests.unit.describing import settings

FILL: dict[str, Any] = {"image": "acme/download:1", "command": ["download", "large"]}
RESOURCES = Resources(memory=256, cpu=0.5)
TOKEN = Secret(name="secret.hub-token")
MEANINGS = {"secret.hub-token": TOKEN.text}


def service(**fields: Any) -> Service:
    return Service.model_validate({"image": "acme/vision:1"} | fields)


def filled(fill: dict[str, Any] | None = None, **fields: Any) -> Service:
    return service(models={"size": "20Gi", "fill": FILL | (fill or {})}, **fields)


def volume(service: Service) -> Volume:
    (only,) = models.volumes("vision", service)
    return only


def step(service: Service, **stack: Any) -> Step:
    (only,) = models.steps("vision", service, Catalogue(settings(stack)), RESOURCES, MEANINGS)
    return only


def test_a_service_without_models_has_neither_volume_nor_step() -> None:
    plain = service()
    assert models.volumes("vision", plain) == ()
    assert models.existing("vision", plain) == ()
    assert models.steps("vision", plain, Catalogue(settings()), RESOURCES, {}) == ()


def test_a_step_fills_a_volume_that_nothing_protects() -> None:
    assert volume(filled()) == Volume(
        name="vision-models-94a0a66897",
        path="/models",
        size="20Gi",
        keep=False,
        filled_by="vision-models-fill",
    )
    assert models.existing("vision", filled()) == ()


def test_the_step_has_the_services_user_and_limits() -> None:
    env = {"HOME": "/models", "HUB_TOKEN": "${secret.hub-token}"}
    assert step(filled({"env": env, "timeout": 3600}, user="7:8")) == Step(
        name="vision-models-fill",
        image=Image(reference="acme/download:1", identity=Identity(uid=7, gid=8)),
        entrypoint=("/bin/sh", "-c", models.SCRIPT, "/models/.filled"),
        command=("download", "large"),
        env={"HOME": "/models"},
        secret_env={"HUB_TOKEN": TOKEN.text},
        scratch=("/tmp",),
        resources=RESOURCES,
        limit=3600,
        asked_by="api.services.vision.models.fill",
    )


def test_the_step_may_have_a_user_of_its_own_and_its_image_comes_from_the_mirror() -> None:
    mirror = {"registry": {"url": "mirror.example.com/cache"}}
    assert step(filled({"user": "9:9"}, user="7:8"), **mirror).image == Image(
        reference="mirror.example.com/cache/acme/download:1", identity=Identity(uid=9, gid=9)
    )


def test_models_in_the_scratch_directory_replace_it() -> None:
    own = service(models={"path": "/tmp/", "size": "1Gi", "fill": FILL}, writable=[])
    assert step(own).scratch == ()
    assert step(own).entrypoint[-1] == "/tmp/.filled"


@pytest.mark.parametrize(
    "change",
    [
        {"image": "acme/download:2"},
        {"command": ["download", "small"]},
        {"env": {"HOME": "/models"}},
        {"env": {"HUB_TOKEN": "${secret.other}"}},
        {"user": "9:9"},
    ],
)
def test_models_that_are_filled_in_another_way_are_another_volume(change: dict[str, Any]) -> None:
    assert volume(filled(change)).name != volume(filled()).name


def test_other_changes_keep_the_volume() -> None:
    larger = service(
        image="acme/vision:2", models={"size": "40Gi", "fill": FILL | {"timeout": 3600}}
    )
    assert volume(larger).name == volume(filled()).name


def test_an_existing_claim_is_mounted_and_not_filled() -> None:
    existing = service(models={"path": "/srv/models", "claim": "shared-models"})
    assert models.existing("vision", existing) == (
        ExistingVolume(name="vision-models", path="/srv/models", claim="shared-models"),
    )
    assert models.volumes("vision", existing) == ()
    assert models.steps("vision", existing, Catalogue(settings()), RESOURCES, {}) == ()


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / models.MARKER


def run(marker: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", models.SCRIPT, str(marker), *command],
        cwd=marker.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_that_succeeds_runs_once(marker: Path) -> None:
    count = ("sh", "-c", "echo once >> runs")
    assert run(marker, *count).returncode == 0
    again = run(marker, *count)
    assert (again.returncode, again.stdout) == (0, "the models are complete; nothing to do\n")
    assert (marker.parent / "runs").read_text() == "once\n"


def test_a_command_that_fails_is_repeated(marker: Path) -> None:
    half = ("sh", "-c", "[ -e half ] || { : > half; exit 7; }")
    assert run(marker, *half).returncode == 7
    assert not marker.exists()
    assert run(marker, *half).returncode == 0
    assert marker.exists()


def test_the_commands_words_stay_as_they_are(marker: Path) -> None:
    assert run(marker, "printf", "%s|", "two words", "$HOME", "*").stdout == "two words|$HOME|*|"
