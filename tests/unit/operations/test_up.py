"""The steps of `make up`, in order."""

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from operations import (
    destination,
    kubernetes_stack,
    machine_choices,
    up,
)
from operations.__main__ import main
from operations.destination import Destination
from operations.plan.previews import Deployed
from operations.workspace import Workspace
from tests.unit.operations.conftest import OPTIONS, OUTPUTS, choices, program, pulumi_calls

ACME = Destination(context="acme", uid="uid-acme", server="https://acme", namespace="shop")


def test_every_missing_part_is_prepared_before_pulumi_runs(
    machine: Path, completed: list[str], pulumi: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up.up("dev")
    assert completed == ["Pulumi, docker", "engine", "images", "wheels", "wheels", "state"]
    assert pulumi_calls(machine) == [
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
    assert pulumi_calls(machine) == ["stack export --stack dev"]


def test_no_image_is_built_where_a_registry_answers(
    machine: Path, completed: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_choices, "for_docker", lambda stack, report: choices("official"))
    up.up("dev")
    assert completed == ["Pulumi, docker", "engine", "state"]


def test_a_stack_on_a_cluster_needs_only_pulumi_and_is_previewed(
    machine: Path, completed: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destination, "find", lambda *_: ACME)
    questions: list[Any] = []
    monkeypatch.setattr(
        destination, "confirm", lambda *arguments, **options: questions.append(options)
    )
    up.up("local", yes=True)
    assert completed == ["Pulumi, kubernetes", "state", "new"]
    assert pulumi_calls(machine)[1:3] == [
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
    machine: Path, completed: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Destination:
        raise click.ClickException("the current context is another stack's")

    monkeypatch.setattr(destination, "find", refuse)
    with pytest.raises(click.ClickException, match="another stack's"):
        up.up("local", yes=True)
    assert completed == ["Pulumi, kubernetes"]
    assert not pulumi.exists()


def test_a_cluster_is_not_changed_without_a_yes(
    machine: Path, completed: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destination, "find", lambda *_: ACME)
    plan = Deployed(base={}, head={}, steps={"urn": "created"})
    monkeypatch.setattr(up, "deployed", lambda workspace: plan)
    result = CliRunner().invoke(main, ["up", "--stack=local"])
    assert result.exit_code == 2
    assert "The stack local is new." in " ".join(result.output.split())
    assert pulumi_calls(machine) == ["stack export --stack local"] * 2


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
    updates = [call for call in pulumi_calls(machine) if call.startswith("up ")]
    assert ["--refresh" in call for call in updates] == [True, False]
    assert asked == ["local", "local"]


def test_an_update_of_an_engine_notices_what_stopped_or_was_rebuilt(
    machine: Path, pulumi: Path
) -> None:
    up.update(Workspace.of("dev"), refresh=True)
    assert pulumi_calls(machine) == [f"up {OPTIONS} --refresh --run-program --stack dev"]
