"""The programs that the Docker target puts into containers."""

from typing import Any

import pytest

from components.container import Command, Health, Http, Identity, Image, Resources
from components.targets.docker import tools
from components.workload import Job, Workload
from tests.unit.rendering import Rendered, Resource, render

HTTP = Health(ask=Http(path="/", port=80))
COMMAND = Health(ask=Command(argv=("true",)))


def workload(**health: Any) -> Workload:
    image = Image(reference="acme/app:1", identity=Identity(uid=7, gid=8))
    return Workload(
        name="app", tier="api", image=image, resources=Resources(memory=64, cpu=1), **health
    )


@pytest.fixture(scope="module")
def job(dev: Rendered) -> Resource:
    return dev.of_type("Container")["tool-busybox"]


@pytest.mark.parametrize(
    ("health", "needed"),
    [
        ({}, False),
        ({"ready": COMMAND}, False),
        ({"ready": COMMAND, "alive": HTTP}, False),
        ({"ready": HTTP}, True),
        ({"alive": HTTP}, True),
    ],
)
def test_only_a_container_that_the_engine_asks_over_http_needs_them(
    health: dict[str, Health], needed: bool
) -> None:
    assert tools.needed([workload(**health)]) is needed


def test_the_job_copies_the_program_in_one_step_so_that_no_check_sees_half_of_it() -> None:
    image = Image(reference="busybox:1", identity=Identity(uid=65534, gid=65534))
    assert tools.busybox(image) == Job(
        name="tool-busybox",
        tier="engine",
        asked_by="target: docker",
        image=image,
        entrypoint=("/bin/busybox", "sh", "-c"),
        command=(
            "cp /bin/busybox /tmp/busybox.new && chmod 555 /tmp/busybox.new"
            " && mv /tmp/busybox.new /tmp/busybox",
        ),
        resources=Resources(memory=16, cpu=0.5),
        limit=60,
        retries=0,
    )


def test_the_job_writes_to_the_volume_and_reaches_nobody(job: Resource) -> None:
    assert job.inputs["volumes"] == [
        {"containerPath": "/tmp", "volumeName": "ai-platform-dev-tools"}
    ]
    assert job.inputs["networkMode"] == "none"
    assert job.inputs["networksAdvanced"] == []
    assert job.inputs["user"] == "65534:65534"


def test_the_job_runs_again_when_the_image_changes(job: Resource) -> None:
    assert job.inputs["image"] == "id-of-busybox:1.37.0-musl"
    assert job.follows["image"] == {"image-busybox:1.37.0-musl"}
    assert job.replace_on_changes == ("*", "#initerror")


def test_a_container_that_is_asked_over_http_starts_after_the_job(dev: Rendered) -> None:
    after = {
        name for name, item in dev.of_type("Container").items() if "tool-busybox" in item.depends_on
    }
    assert after == set(dev.containers()) - {
        *("tool-busybox", "postgres", "redis"),
        "frontend-exporter",  # it starts after the front end
    }


def test_the_outputs_do_not_list_the_job(dev: Rendered) -> None:
    assert "tool-busybox" not in dev.outputs["images"]


def test_the_settings_can_name_another_image() -> None:
    stack = render({"images": {"references": {"busybox": "acme/busybox:1.37"}}})
    assert stack.containers()["tool-busybox"]["image"] == "id-of-acme/busybox:1.37"
