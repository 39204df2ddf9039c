"""A job on an engine: its container, when it runs again, and what its exit code causes."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.addresses import Address
from components.container import Build, File, Identity, Image, Port, Resources
from components.secrets import Secrets
from components.targets.docker import jobs
from components.targets.docker.jobs import Run
from components.targets.docker.target import DockerTarget
from components.text import Secret, Text
from components.tier import Tier
from components.volumes import Volume
from components.workload import Job, Workload
from tests.unit.describing import catalogue, settings
from tests.unit.rendering import Rendered, Resource, run

IMAGE = Image(reference="acme/app:1", identity=Identity(uid=7, gid=8))
SMALL = Resources(memory=64, cpu=0.1)
DATABASE = Workload(
    name="database",
    tier="data",
    image=IMAGE,
    resources=SMALL,
    ports=(Port(name="sql", number=5432),),
)
JOB = Job(
    name="migrate",
    tier="data",
    asked_by="api.migrate",
    image=IMAGE,
    resources=SMALL,
    command=("migrate",),
    volumes=(Volume(name="files", path="/files", size="1Gi"),),
    reaches=(Address(workload="database", port=5432),),
    starts_after=("database",),
    limit=30,
    retries=2,
)
SERVICE = Workload(name="app", tier="data", image=IMAGE, resources=SMALL, starts_after=("migrate",))
NAME = "ai-platform-dev-migrate"
URN = "urn:pulumi:dev::ai-platform::ai-platform:index:DataTier$docker:index/container:Container::"


class DataTier(Tier):
    name = "data"


def outputs(
    number: int, code: int | None, name: str = "migrate", *, job: Job = JOB
) -> dict[str, Any]:
    """The outputs of a try's container after the last update."""
    labels = {
        "ai-platform.workload": name,
        "ai-platform.run": str(number),
        "ai-platform.work": jobs.work(job),
    }
    container = {"labels": [{"label": label, "value": value} for label, value in labels.items()]}
    return container | ({} if code is None else {"exitCode": code})


def last_update(*tries: dict[str, Any]) -> dict[str, Any]:
    return {f"{URN}{number}": container for number, container in enumerate(tries)}


def rendered(job: Job = JOB, last: dict[str, Any] | None = None, *codes: int) -> Rendered:
    """The tries end with these exit codes, and further ones with 0."""

    def program() -> None:
        target = DockerTarget(settings(), catalogue(), Secrets(settings()))
        target.run([DataTier([DATABASE, job, SERVICE])])

    return run(program, state=last, exit_codes=codes)


@pytest.fixture(autouse=True)
def _no_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook is a server that the engine calls; there is no engine in these tests."""
    monkeypatch.setattr("components.targets.docker.failure.explain", lambda *_, **__: None)


def container(rendered: Rendered) -> Resource:
    return rendered.of_type("Container")["migrate"]


def test_a_job_runs_to_its_end_once() -> None:
    migrate = container(rendered())
    assert {
        key: migrate.inputs.get(key) for key in ("attach", "mustRun", "restart", "healthcheck")
    } == {"attach": True, "mustRun": False, "restart": "no", "healthcheck": None}
    assert migrate.timeouts == {"create": "90s"}


def test_a_job_is_confined_like_every_container_and_has_its_volumes() -> None:
    inputs = container(rendered()).inputs
    assert inputs["user"] == "7:8"
    assert inputs["capabilities"] == {"drops": ["ALL"]}
    assert inputs["volumes"] == [{"containerPath": "/files", "volumeName": "ai-platform-dev-files"}]


def test_a_job_shares_networks_with_what_it_reaches() -> None:
    networks = {network["name"] for network in container(rendered()).inputs["networksAdvanced"]}
    assert networks == {"ai-platform-dev-database"}


def test_parts_that_start_after_a_job_depend_on_it() -> None:
    containers = rendered().of_type("Container")
    assert "database" in containers["migrate"].depends_on
    assert "migrate" in containers["app"].depends_on


def test_any_change_and_an_interrupted_run_recreate_its_container() -> None:
    assert container(rendered()).replace_on_changes == ("*", "#initerror")


@pytest.mark.parametrize(
    ("tries", "run"),
    [
        pytest.param([], Run(number=1), id="a new stack"),
        pytest.param([outputs(1, 0)], Run(number=1, done=True), id="it succeeded"),
        pytest.param(
            [outputs(1, 1), outputs(1, 0)], Run(number=1, done=True), id="a second try succeeded"
        ),
        pytest.param([outputs(1, 1), outputs(1, 2)], Run(number=2), id="it failed"),
        pytest.param(
            [outputs(2, 1), outputs(1, 0)], Run(number=3), id="an earlier run had succeeded"
        ),
        pytest.param(
            [outputs(3, 0), outputs(2, 1)],
            Run(number=3, done=True),
            id="it succeeded after failures",
        ),
        pytest.param([outputs(1, None)], Run(number=2), id="it was interrupted"),
        pytest.param(
            [outputs(1, 1, "other"), {"labels": ["x"]}], Run(number=1), id="another one failed"
        ),
        pytest.param(
            [outputs(1, 0, job=replace(JOB, command=("other",)))],
            Run(number=1),
            id="it succeeded at other work",
        ),
    ],
)
def test_a_failed_run_is_followed_by_the_next_one(tries: list[dict[str, Any]], run: Run) -> None:
    last = last_update(*tries)
    assert jobs.run(last, JOB) == run
    labels = {
        label["label"].removeprefix("ai-platform."): label["value"]
        for label in container(rendered(last=last)).inputs["labels"]
    }
    assert {name: labels[name] for name in ("run", "work")} == jobs.labels(JOB, run)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"resources": Resources(memory=128, cpu=0.5)}, True),
        ({"reaches": ()}, True),
        ({"starts_after": ()}, True),
        ({"stop_grace": 30}, True),
        ({"limit": 31, "retries": 0}, True),
        ({"image": replace(IMAGE, reference="acme/app:2")}, False),
        ({"image": replace(IMAGE, identity=Identity(uid=8, gid=8))}, False),
        ({"command": ("migrate", "--all")}, False),
        ({"entrypoint": ("sh",)}, False),
        ({"env": {"A": "b"}}, False),
        ({"secret_env": {"A": Secret(name="a").text}}, False),
        ({"files": (File(path="/a", content=Text(template="a")),)}, False),
        ({"scratch": ("/tmp",)}, False),
        ({"volumes": ()}, False),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_only_image_command_values_and_volumes_are_a_jobs_work(
    change: dict[str, Any], same: bool
) -> None:
    changed = replace(JOB, **change)
    assert (jobs.work(changed) == jobs.work(JOB)) == same


def test_a_changed_source_of_a_built_image_is_other_work() -> None:
    def job(source: str) -> Job:
        build = Build(name="app", context=".", dockerfile="Dockerfile", base="base", source=source)
        return replace(JOB, image=replace(IMAGE, build=build))

    assert jobs.work(job("1")) != jobs.work(job("2"))


def test_a_job_that_is_done_ignores_changes_that_are_no_part_of_its_work() -> None:
    ignored = container(rendered(last=last_update(outputs(1, 0)))).ignore_changes
    assert {"memory", "memorySwap", "cpus", "networksAdvanced", "stopTimeout"} <= set(ignored)
    assert not {"image", "command", "entrypoints", "envs", "uploads", "volumes"} & set(ignored)


@pytest.mark.parametrize("last", [None, last_update(outputs(1, 1))], ids=["new", "failed"])
def test_a_job_that_runs_ignores_no_change(last: dict[str, Any] | None) -> None:
    assert container(rendered(last=last)).ignore_changes == ()


def test_only_a_job_or_a_step_has_runs(dev: Rendered) -> None:
    with_run = [name for name, item in dev.containers().items() if "ai-platform.run" in str(item)]
    assert with_run == ["tool-busybox", "postgres-restore", "postgres-schema"]


def test_a_failed_try_is_followed_by_another_after_a_pause() -> None:
    containers = rendered(JOB, None, 1, 137).of_type("Container")
    assert {name for name in containers if "migrate" in name} == {
        "migrate",
        "migrate-try-2",
        "migrate-try-3",
    }
    tries = [containers[name] for name in ("migrate-try-2", "migrate-try-3")]
    assert [container.timeouts["create"] for container in tries] == ["100s", "110s"]
    last = containers["migrate-try-3"]
    assert last.inputs["name"] == "ai-platform-dev-migrate-try-3"
    assert last.replace_on_changes == ("*", "#initerror")
    assert "migrate-try-3" in containers["app"].depends_on


@pytest.mark.parametrize(
    ("retries", "tries"), [(0, "its only try"), (1, "all its 2 tries")], ids=["once", "twice"]
)
def test_a_job_whose_tries_all_fail_fails_the_update_with_a_report(
    monkeypatch: pytest.MonkeyPatch, retries: int, tries: str
) -> None:
    monkeypatch.setattr(
        "components.targets.docker.failure.report", lambda engine, name: f"the report of {name}"
    )
    with pytest.raises(pulumi.RunError) as failure:
        rendered(replace(JOB, retries=retries), None, 1, 1)
    last = NAME if retries == 0 else f"{NAME}-try-2"
    assert str(failure.value) == (
        f"the job migrate failed in {tries}; the next update runs it again.\nthe report of {last}"
    )
