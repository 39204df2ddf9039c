"""The steps before a workload on an engine: jobs of their own that share its volumes."""

from dataclasses import replace
from typing import Any

import pytest

from components.addresses import Address, Outside
from components.container import Identity, Image, Port, Resources, Step
from components.placement import Placement
from components.secrets import Secrets
from components.targets.docker import steps
from components.targets.docker.target import DockerTarget
from components.tier import Tier
from components.volumes import Volume
from components.workload import Job, Replicas, Workload
from tests.unit.describing import catalogue, settings
from tests.unit.rendering import Rendered, Resource, run

IMAGE = Image(reference="acme/vision:1", identity=Identity(uid=7, gid=8))
LOADER = Image(reference="acme/download:1", identity=Identity(uid=9, gid=8))
SMALL = Resources(memory=64, cpu=0.1)
FILL = Step(
    name="vision-fill",
    image=LOADER,
    resources=SMALL,
    entrypoint=("fetch",),
    command=("large",),
    env={"HOME": "/models"},
    scratch=("/tmp",),
    limit=900,
    asked_by="api.services.vision.models.fill",
)
MODELS = Volume(
    name="vision-models", path="/models", size="1Gi", keep=False, filled_by="vision-fill"
)
DATA = Volume(name="vision-data", path="/data", size="1Gi")
DATABASE = Workload(
    name="database",
    tier="api",
    image=IMAGE,
    resources=SMALL,
    ports=(Port(name="sql", number=5432),),
)
VISION = Workload(
    name="vision",
    tier="api",
    named_by="api.services.vision",
    image=IMAGE,
    resources=SMALL,
    volumes=(MODELS, DATA),
    init=(FILL,),
    reaches=(Address(workload="database", port=5432), Outside(name="hub", ports=(443,))),
    starts_after=("database",),
    placement=Placement(gpus="all"),
)


class ApiTier(Tier):
    name = "api"


@pytest.fixture(autouse=True)
def _no_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook is a server that the engine calls; there is no engine in these tests."""
    monkeypatch.setattr("components.targets.docker.failure.explain", lambda *_, **__: None)


def rendered(part: Workload | Job = VISION, **options: Any) -> Rendered:
    def program() -> None:
        DockerTarget(settings(), catalogue(), Secrets(settings())).run([ApiTier([DATABASE, part])])

    return run(program, **options)


def containers(part: Workload | Job = VISION) -> dict[str, Resource]:
    return rendered(part).of_type("Container")


def test_a_step_is_a_job_of_its_part() -> None:
    assert steps.job(FILL, VISION) == Job(
        name="vision-fill",
        tier="api",
        asked_by="api.services.vision.models.fill",
        image=LOADER,
        resources=SMALL,
        entrypoint=("fetch",),
        command=("large",),
        env={"HOME": "/models"},
        scratch=("/tmp",),
        limit=900,
        retries=2,
    )


def test_the_volume_is_opened_then_filled_and_then_read() -> None:
    by_name = containers()
    names = {"database", "vision-models-open", "vision-fill", "vision"}
    after = {name: set(by_name[name].depends_on) & names for name in names}
    assert after == {
        "database": set(),
        "vision-models-open": set(),
        "vision-fill": {"database", "vision-models-open"},
        "vision": {"database", "vision-models-open", "vision-fill"},
    }


def test_only_the_step_can_write_to_the_volume_and_it_has_no_other() -> None:
    models = "ai-platform-dev-vision-models"
    by_name = containers()
    assert {
        name: by_name[name].inputs["volumes"]
        for name in ("vision-models-open", "vision-fill", "vision")
    } == {
        "vision-models-open": [{"containerPath": "/tmp", "volumeName": models}],
        "vision-fill": [{"containerPath": "/models", "volumeName": models}],
        "vision": [
            {"containerPath": "/models", "volumeName": models, "readOnly": True},
            {"containerPath": "/data", "volumeName": "ai-platform-dev-vision-data"},
        ],
    }


def test_a_step_reaches_what_its_part_reaches() -> None:
    by_name = containers()
    networks = {
        name: [network["name"] for network in by_name[name].inputs["networksAdvanced"]]
        for name in ("vision-fill", "vision")
    }
    assert networks["vision"] == ["ai-platform-dev-database", "ai-platform-dev-outside"]
    assert networks["vision-fill"] == networks["vision"]


def test_only_the_main_container_gets_gpus() -> None:
    assert {name: resource.inputs.get("gpus") for name, resource in containers().items()} == {
        "database": None,
        "vision-models-open": None,
        "vision-fill": None,
        "vision": "all",
    }


def test_a_step_runs_once_for_all_replicas() -> None:
    plain = replace(VISION, volumes=(), replicas=Replicas(min=2, max=2))
    by_name = containers(plain)
    assert set(by_name) == {"database", "vision-fill", "vision", "vision-2"}
    assert "vision-fill" in by_name["vision-2"].depends_on


def test_a_job_has_steps_too() -> None:
    job = Job(
        name="train",
        tier="api",
        asked_by="the test",
        image=IMAGE,
        resources=SMALL,
        volumes=(MODELS,),
        init=(FILL,),
    )
    by_name = containers(job)
    assert "vision-fill" in by_name["train"].depends_on
    assert by_name["train"].inputs["volumes"][0]["readOnly"] is True


CONTAINER = "docker:index/container:Container"


def test_a_step_that_failed_in_the_last_update_runs_again() -> None:
    labels = {"ai-platform.workload": "vision-fill", "ai-platform.run": "1"}
    failed = {
        "labels": [{"label": label, "value": value} for label, value in labels.items()],
        "exitCode": 1,
    }
    fill = rendered(
        state={f"urn:pulumi:dev::ai-platform::{CONTAINER}::vision-fill": failed}
    ).of_type("Container")["vision-fill"]
    runs = {label["label"]: label["value"] for label in fill.inputs["labels"]}
    assert runs["ai-platform.run"] == "2"


def test_the_outputs_name_the_image_of_the_step_once() -> None:
    def program() -> None:
        running = DockerTarget(settings(), catalogue(), Secrets(settings())).run(
            [ApiTier([DATABASE, VISION])]
        )
        images.update(running.images)

    images: dict[str, Any] = {}
    run(program)
    assert images == {
        "database": "acme/vision:1",
        "vision-fill": "acme/download:1",
        "vision": "acme/vision:1",
    }
