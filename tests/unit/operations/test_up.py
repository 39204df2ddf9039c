"""The steps of `make up`, in order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from airgap import engine, images, wheels
from operations import (
    destination,
    kubernetes_stack,
    machine_choices,
    pulumi_installation,
    steps,
    up,
)
from operations.__main__ import main
from operations.destination import Destination
from operations.machine_choices import DockerChoices
from operations.plan.previews import Deployed
from operations.workspace import Workspace
from tests.unit.operations.conftest import program

OPTIONS = " ".join(steps.NON_INTERACTIVE)
ACME = Destination(context="acme", uid="uid-acme", server="https://acme", namespace="shop")
OUTPUTS = '{"endpoints": {"web": "http://127.0.0.1:8080", "grafana": null}}'


def choices(catalogue: str) -> DockerChoices:
    return DockerChoices(catalogue=catalogue, plugins={})


@pytest.fixture
def completed(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that ran, where no image registry answers and the engine is empty."""
    completed: list[str] = []
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    program(machine, "docker", "")

    def step(name: str) -> Callable[..., None]:
        return lambda *arguments: completed.append(name)

    monkeypatch.setattr(machine_choices, "for_docker", lambda stack, report: choices("debian"))
    monkeypatch.setattr(machine_choices, "for_clusters", lambda report: {})
    monkeypatch.setattr(
        pulumi_installation, "ensure", lambda target, *_: completed.append(f"Pulumi, {target}")
    )
    monkeypatch.setattr(engine, "ensure", step("engine"))
    monkeypatch.setattr(images, "ensure", step("images"))
    monkeypatch.setattr(wheels, "download", step("wheels"))
    monkeypatch.setattr(Workspace, "prepare", step("state"))
    monkeypatch.setattr(kubernetes_stack, "expect_new_stack", step("new"))
    return completed


@pytest.fixture
def pulumi(machine: Path) -> Path:
    return program(
        machine,
        "pulumi",
        f"""case $* in
        *output*) echo '{OUTPUTS}';;
        *export*) cat {machine}/state || echo '{{}}';;
        *preview*) echo '{{"steps": []}}';;
        esac""",
    )


def calls(pulumi: Path) -> list[str]:
    """The calls of Pulumi, one line each."""
    lines = pulumi.read_text().splitlines()
    return [line.partition("--non-interactive ")[2] for line in lines]


def test_every_missing_part_is_prepared_before_pulumi_runs(
    completed: list[str], pulumi: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up.up("dev")
    assert completed == ["Pulumi, docker", "engine", "images", "wheels", "wheels", "state"]
    assert calls(pulumi) == [
        "stack export --stack dev",
        "stack export --stack dev",
        f"up {OPTIONS} --refresh --run-program --stack dev",
        "stack output --json --stack dev",
    ]
    output = capsys.readouterr().out
    assert "http://127.0.0.1:8080" in output
    assert "not available" in output
    assert 'eval "$(make -s env)"' in output


def test_a_running_stack_with_an_empty_state_is_not_changed(
    machine: Path, completed: list[str], pulumi: Path
) -> None:
    program(
        machine,
        "docker",
        """case "$1 $2" in
        "volume ls") echo one;;
        "volume inspect") echo '[{"Name": "ai-platform-dev-postgres"}]';;
        esac""",
    )
    with pytest.raises(click.ClickException, match="ai-platform-dev-postgres") as raised:
        up.up("dev")
    assert "Nothing was changed" in raised.value.message
    assert calls(pulumi) == ["stack export --stack dev"]


def test_no_image_is_built_where_a_registry_answers(
    completed: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_choices, "for_docker", lambda stack, report: choices("official"))
    up.up("dev")
    assert completed == ["Pulumi, docker", "engine", "state"]


def test_a_stack_on_a_cluster_needs_only_pulumi_and_is_previewed(
    completed: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destination, "find", lambda *_: ACME)
    questions: list[Any] = []
    monkeypatch.setattr(
        destination, "confirm", lambda *arguments, **options: questions.append(options)
    )
    up.up("local", yes=True)
    assert completed == ["Pulumi, kubernetes", "state", "new"]
    assert calls(pulumi)[1:3] == [
        "preview --json --stack local --show-sames",
        f"up {OPTIONS} --stack local",
    ]
    assert questions == [{"yes": True}]


def on_a_cluster(
    machine: Path, monkeypatch: pytest.MonkeyPatch, *, variable: str, log: str
) -> None:
    """A cluster that the user agrees to change; each update logs its value of a variable."""
    monkeypatch.setattr(destination, "find", lambda *_: ACME)
    monkeypatch.setattr(destination, "confirm", lambda *_, **__: None)
    script = f"""case $* in
        *" up "*) echo "${variable}" >> {machine}/{log};;
        *output*) echo '{OUTPUTS}';;
        *export*) echo '{{}}';;
        *preview*) echo '{{"steps": []}}';;
        esac"""
    program(machine, "pulumi", script)


def test_pulumi_changes_only_the_cluster_that_the_user_agreed_to(
    machine: Path, completed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current context may change while the user reads the plan."""
    on_a_cluster(machine, monkeypatch, variable="AI_PLATFORM_CONFIRMED_CLUSTER", log="cluster")
    up.up("local", yes=True)
    assert (machine / "cluster").read_text() == "uid-acme\n"


def test_the_cluster_is_chosen_before_anything_is_prepared(
    completed: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Destination:
        raise click.ClickException("the current context is another stack's")

    monkeypatch.setattr(destination, "find", refuse)
    with pytest.raises(click.ClickException, match="another stack's"):
        up.up("local", yes=True)
    assert completed == ["Pulumi, kubernetes"]
    assert not pulumi.exists()


def test_a_cluster_is_not_changed_without_a_yes(
    completed: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destination, "find", lambda *_: ACME)
    plan = Deployed(base={}, head={}, steps={"urn": "created"})
    monkeypatch.setattr(up, "deployed", lambda workspace: plan)
    result = CliRunner().invoke(main, ["up", "--stack=local"])
    assert result.exit_code == 2
    assert "The stack local is new." in " ".join(result.output.split())
    assert calls(pulumi) == ["stack export --stack local"] * 2


def with_data(machine: Path, preview: str) -> Path:
    """A stack that has data, and what a preview of it does."""
    kept = {"urn": "urn:pulumi:dev::p::docker:index/volume:Volume::volume-reports-data"}
    network = {"urn": "urn:pulumi:dev::p::docker:index/network:Network::edge", "id": "edge-id"}
    resources = [kept | {"id": "reports-data", "protect": True}, network]
    deployment = {"deployment": {"resources": resources}}
    (machine / "state").write_text(json.dumps(deployment))
    script = f"""case $* in
        *output*) echo '{OUTPUTS}';;
        *export*) cat {machine}/state;;
        *preview*) {preview};;
        esac"""
    return program(machine, "pulumi", script)


def test_a_stack_with_data_is_previewed_first(machine: Path, completed: list[str]) -> None:
    pulumi = with_data(machine, "echo '{\"steps\": []}'")
    up.up("dev")
    assert calls(pulumi)[2:4] == [
        "preview --json --stack dev --show-sames",
        f"up {OPTIONS} --refresh --run-program --stack dev",
    ]


def test_an_update_that_would_lose_data_is_refused(machine: Path, completed: list[str]) -> None:
    pulumi = with_data(machine, "echo 'volume-reports-data is protected'; false")
    with pytest.raises(click.ClickException, match="volume-reports-data is protected") as raised:
        up.up("dev")
    assert "nothing was changed" in raised.value.message
    assert not [call for call in calls(pulumi) if call.startswith("up ")]


def test_data_that_the_stack_file_no_longer_has_is_named_with_its_verb(
    machine: Path, completed: list[str]
) -> None:
    urn = "urn:pulumi:dev::p::docker:index/volume:Volume::volume-reports-data"
    steps = {"steps": [{"op": "delete", "urn": urn, "oldState": {"urn": urn, "type": "x"}}]}
    second = f"*ignore-protect*) echo '{json.dumps(steps)}'"
    first = """*) echo 'resource cannot be deleted because it is protected'; false"""
    with_data(machine, f"case $* in {second};; {first};; esac")
    with pytest.raises(click.ClickException) as raised:
        up.up("dev")
    assert raised.value.message == (
        "The stack file of dev no longer has the volume reports-data. An update does not remove "
        "data and its secrets. Nothing was changed. Put back what needs them, or give them up for "
        "good, each by its name:\n  make drop-volume STACK=dev VOLUME=reports-data"
    )


def test_containers_that_a_killed_update_left_are_removed_before_the_next_one(
    machine: Path, completed: list[str]
) -> None:
    """They keep their names, so that the update could not create them."""
    with_data(machine, "echo '{\"steps\": []}'")
    docker = program(
        machine,
        "docker",
        """case "$1 $2" in
        *" ls") echo one;;
        "container inspect") echo '[{"Name": "/ai-platform-dev-redis", "Id": "not-in-the-state"}]';;
        "network inspect") echo '[{"Name": "ai-platform-dev-edge", "Id": "edge-id"}]';;
        "volume inspect") echo '[]';;
        esac""",
    )
    up.up("dev")
    changes = [
        line for line in docker.read_text().splitlines() if line.split()[0] in ("stop", "rm")
    ]
    assert changes == ["stop ai-platform-dev-redis", "rm --volumes ai-platform-dev-redis"]


def test_the_engine_is_asked_before_the_state_is_read(machine: Path, completed: list[str]) -> None:
    """Another update may create a container in between, which must not count as left behind."""
    with_data(machine, "echo '{\"steps\": []}'")
    docker = program(
        machine,
        "docker",
        f"""cd {machine}
        case "$1 $2" in
        *" ls") echo one;;
        "container inspect") cp after state; echo '[{{"Name": "/a", "Id": "a"}}]';;
        "network inspect") echo '[{{"Name": "ai-platform-dev-edge", "Id": "edge-id"}}]';;
        "volume inspect") echo '[]';;
        esac""",
    )
    state = json.loads((machine / "state").read_text())
    state["deployment"]["resources"].append({"urn": "urn:pulumi:dev::p::x::a", "id": "a"})
    (machine / "after").write_text(json.dumps(state))
    up.up("dev")
    assert not [line for line in docker.read_text().splitlines() if line.startswith("rm ")]


def test_objects_that_a_killed_update_created_on_a_cluster_are_adopted_once(
    machine: Path, completed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_cluster(machine, monkeypatch, variable="PULUMI_K8S_UPSERT_EXISTING_OBJECTS", log="adopts")
    asked: list[str] = []
    monkeypatch.setattr(
        kubernetes_stack, "expect_own_objects", lambda _, workspace: asked.append(workspace.stack)
    )
    answers = iter([True, True, False])
    monkeypatch.setattr(Workspace, "prepare", lambda _: next(answers))
    marker = Workspace.of("local").directory / "adopts"
    marker.parent.mkdir(parents=True)
    marker.touch()

    def refuse(*_: Any, **__: Any) -> None:
        raise click.ClickException("Nothing was changed.")

    with monkeypatch.context() as patch:
        patch.setattr(destination, "confirm", refuse)
        with pytest.raises(click.ClickException):
            up.up("local")
    assert marker.exists()
    for _ in range(2):
        up.up("local", yes=True)
        assert not marker.exists()
    assert (machine / "adopts").read_text() == "true\n\n"
    # The refresh notices what the killed update removed.
    updates = [call for call in calls(machine / "pulumi.calls") if call.startswith("up ")]
    assert ["--refresh" in call for call in updates] == [True, False]
    assert asked == ["local", "local"]


def test_an_update_of_an_engine_notices_what_stopped_or_was_rebuilt(
    machine: Path, pulumi: Path
) -> None:
    up.update(Workspace.of("dev"), refresh=True)
    assert calls(pulumi) == [f"up {OPTIONS} --refresh --run-program --stack dev"]
