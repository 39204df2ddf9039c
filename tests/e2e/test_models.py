"""Model files on the engine: a container fills a volume before the service starts."""

from collections.abc import Iterator

import pytest

from operations import docker_stack
from tests.e2e import vision
from tests.e2e.stack import Stack, output_of


@pytest.fixture(scope="module")
def models(stack: Stack) -> Iterator[Stack]:
    """The stack, which is as before at the end."""
    yield stack
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert volumes(stack) == []


def read(stack: Stack, file: str) -> str:
    return stack.inside("vision", "cat", f"/models/{file}").stdout


def volumes(stack: Stack) -> list[str]:
    """The names of the volumes for models."""
    return [name for name in docker_stack.volumes(stack.name) if "vision" in name]


def test_a_failed_step_leaves_the_old_models_and_is_repeated_in_the_new_volume(
    models: Stack,
) -> None:
    images = models.settings["images"]
    result = models.up(api=vision.api(images, "first"))
    assert result.returncode == 0, output_of(result)
    assert "Read-only" in models.inside("vision", "touch", "/models/x").stderr
    (first,) = volumes(models)

    # Three tries of the step fail in the first update, and the second update repeats it.
    result = models.up(api=vision.api(images, "second", tries=4))
    assert result.returncode != 0
    assert "the job vision-models-fill failed in all its 3 tries" in output_of(result)
    assert (read(models, "model.txt"), read(models, "tries")) == ("first\n", "first\n")
    result = models.up(api=vision.api(images, "second", tries=4, env={"VERSION": "2"}))
    assert result.returncode == 0, output_of(result)
    assert (read(models, "model.txt"), read(models, "tries")) == ("second\n", "second\n" * 4)
    (second,) = volumes(models)
    assert second != first


def test_an_engine_without_gpus_says_what_its_machine_needs(models: Stack) -> None:
    info = docker_stack.docker("info", "--format={{json .Runtimes}}")
    if "nvidia" in info:
        pytest.skip("this engine has GPUs")
    result = models.up(api=vision.api(models.settings["images"], "first", gpus="all"))
    assert result.returncode != 0
    assert 'could not select device driver "" with capabilities: [[gpu]]' in output_of(result)
    assert "needs an NVIDIA GPU with its driver and the NVIDIA Container Toolkit" in output_of(
        result
    )
