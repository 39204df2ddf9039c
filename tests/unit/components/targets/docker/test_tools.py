"""The programs that the Docker target puts into containers."""

from dataclasses import replace
from typing import Any

import pytest

from components.container import TOOLS, Command, Health, Http, Identity, Image, Resources
from components.targets.docker import tools
from components.volumes import Volume
from components.workload import Job, Workload
from tests.unit.rendering import Rendered, Resource, render

HTTP = Health(ask=Http(path="/", port=80))
COMMAND = Health(ask=Command(argv=("true",)))


def workload(**fields: Any) -> Workload:
    image = Image(reference="acme/app:1", identity=Identity(uid=7, gid=8))
    return Workload(
        name="app", tier="api", image=image, resources=Resources(memory=64, cpu=1), **fields
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


def test_a_container_that_runs_one_of_them_needs_them() -> None:
    scheduler = workload(entrypoint=(f"{TOOLS}/supercronic",))
    assert tools.needed([scheduler])


def test_the_scheduler_comes_with_a_shell() -> None:
    image = Image(reference="scheduler:1", identity=Identity(uid=65534, gid=65534))
    job = tools.supercronic(image)
    assert (job.name, job.image) == ("tool-supercronic", image)
    (command,) = job.command
    assert command.startswith("cp /bin/supercronic /tmp/supercronic.new && ")
    assert command.endswith(" && ln -sf busybox /tmp/sh")


def test_a_stack_has_the_scheduler_if_it_has_a_schedule(dev: Rendered, own: Rendered) -> None:
    containers = own.of_type("Container")
    assert "tool-supercronic" not in dev.containers()
    after = {name for name, item in containers.items() if "tool-supercronic" in item.depends_on}
    assert after == {"postgres-retention", "reports-cleanup"}
    assert "tool-busybox" in containers["reports-cleanup"].depends_on
    scheduler = containers["tool-supercronic"]
    assert scheduler.follows["image"] == {"image-ai-platform/scheduler"}
    (tools_volume,) = containers["reports-cleanup"].inputs["volumes"]
    assert tools_volume["containerPath"] == TOOLS
    assert tools_volume["readOnly"]


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
    # Sidecars start after the main container of their part, and nobody asks a job for its health.
    sidecars = {sidecar.name for part in dev.workloads for sidecar in part.sidecars}
    assert after == set(dev.containers()) - {"tool-busybox", "postgres-schema"} - sidecars


def test_the_outputs_do_not_list_the_job(dev: Rendered) -> None:
    assert "tool-busybox" not in dev.outputs["images"]


def test_the_settings_can_name_another_image() -> None:
    stack = render({"images": {"references": {"busybox": "acme/busybox:1.37"}}})
    assert stack.containers()["tool-busybox"]["image"] == "id-of-acme/busybox:1.37"


def test_only_volumes_that_foreign_images_and_steps_write_are_opened() -> None:
    image = Image(reference="busybox:1", identity=Identity(uid=65534, gid=65534))
    part = workload(
        volumes=(
            Volume(name="app-data", path="/data", size="1Gi", foreign=True),
            Volume(name="app-models", path="/models", size="1Gi", filled_by="app-fill"),
            Volume(name="other", path="/other", size="1Gi"),
        )
    )
    job = Job(
        name="app-data-open",
        tier="api",
        asked_by="target: docker",
        image=image,
        entrypoint=("/bin/busybox", "true"),
        resources=Resources(memory=16, cpu=0.5),
        limit=60,
        retries=0,
    )
    assert list(tools.openings(part, image)) == [
        ("app-data", job),
        ("app-models", replace(job, name="app-models-open")),
    ]


def test_a_data_volume_is_mounted_over_a_directory_for_everybody_before_its_service_starts() -> (
    None
):
    rendered = render({"api": {"services": {"backend": {"data_volume": {}}}}})
    opening = rendered.containers()["backend-data-open"]
    assert opening["volumes"] == [
        {"volumeName": "ai-platform-dev-backend-data", "containerPath": "/tmp"}
    ]
    assert opening["networkMode"] == "none"
    assert "backend-data-open" not in rendered.outputs["images"]
