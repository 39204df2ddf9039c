"""What Pulumi is asked for a plan, and how its answer is read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.plan.compare import compare
from operations.plan.previews import PreviewError, against_deployed, from_nothing
from operations.workspace import ROOT
from tests.unit.operations.conftest import program
from tests.unit.operations.plan.states import CONTAINER, state, urn

STACK_FILE = """
encryptionsalt: v1:salt
config:
  ai-platform:target: docker
  ai-platform:registry: {url: mirror.example.com, password: {secure: v1:abc}}
"""


def answers(machine: Path, digest: Mapping[str, Any], *, code: int = 0, errors: str = "") -> Path:
    """Pulumi on this machine gives this answer to a preview; the file has what it was asked."""
    (machine / "digest.json").write_text(json.dumps(digest))
    script = f"""
case "$*" in *"preview --json"*)
    [ -r "$KUBECONFIG" ] && cp "$KUBECONFIG" "{machine}/kubeconfig"
    env > "{machine}/environment"
    cat "{machine}/digest.json"; echo "{errors}" >&2; exit {code};;
esac"""
    return program(machine, "pulumi", script)


def asked(path: Path) -> list[str]:
    return [line.partition("--non-interactive ")[2] for line in path.read_text().splitlines()]


def environment(machine: Path) -> dict[str, str]:
    lines = (machine / "environment").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture
def tree(machine: Path) -> Path:
    """A tree with a stack file that has an encrypted setting."""
    directory = machine / "tree"
    directory.mkdir()
    (directory / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (directory / "Pulumi.dev.yaml").write_text(STACK_FILE)
    return directory


def planned(machine: Path, tree: Path) -> Any:
    return from_nothing(
        "dev", tree=tree, virtualenv=machine / "packages", scratch=machine / "scratch"
    )


def test_a_plan_is_what_would_be_made_from_nothing(machine: Path, tree: Path) -> None:
    step = {"op": "create", "newState": state("backend", {"context": f"{tree}/images/api"})}
    answers(machine, {"steps": [step]})
    plan = planned(machine, tree)
    assert list(plan) == [urn(CONTAINER, "backend")]
    assert plan[urn(CONTAINER, "backend")].inputs == {"context": "images/api"}


def test_the_state_is_thrown_away_whatever_the_user_is_logged_in_to(
    machine: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://backend.example.com")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "token")
    answers(machine, {"steps": []})
    planned(machine, tree)
    scratch = machine / "scratch"
    assert environment(machine)["PULUMI_BACKEND_URL"] == f"file://{scratch}/state"
    assert environment(machine)["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(scratch / "passphrase")
    assert not (machine / "data").exists()


def test_the_tree_runs_with_its_own_packages(machine: Path, tree: Path) -> None:
    answers(machine, {"steps": []})
    planned(machine, tree)
    assert environment(machine)["PATH"].startswith(f"{machine}/packages/bin:")
    project = yaml.safe_load((machine / "scratch/work/dev/Pulumi.yaml").read_text())
    assert project["main"] == str(tree)
    assert project["runtime"]["options"]["virtualenv"] == str(machine / "packages")


def test_no_cluster_answers_although_the_user_has_one(
    machine: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/etc/kubeconfig")
    answers(machine, {"steps": []})
    planned(machine, tree)
    kubeconfig = yaml.safe_load((machine / "kubeconfig").read_text())
    assert kubeconfig == {"apiVersion": "v1", "kind": "Config"}


def test_encrypted_settings_are_neither_needed_nor_left_out(machine: Path, tree: Path) -> None:
    """Another secret stands in their place: the one that they are encrypted with is not here."""
    pulumi = answers(machine, {"steps": []})
    planned(machine, tree)
    init, secret, preview = asked(pulumi)
    assert init == "stack init --no-select dev"
    path = 'ai-platform:registry["password"]'
    assert secret.startswith(f"config set --stack dev --secret --path {path} https://placeholder-")
    assert preview == "preview --json --stack dev"
    copy = (machine / "scratch/work/dev/Pulumi.dev.yaml").read_text()
    assert yaml.safe_load(copy)["config"]["ai-platform:registry"] == {"url": "mirror.example.com"}
    assert (tree / "Pulumi.dev.yaml").read_text() == STACK_FILE


def test_a_tree_without_the_stack_has_no_plan(machine: Path, tree: Path) -> None:
    (tree / "Pulumi.dev.yaml").unlink()
    assert planned(machine, tree) is None


def test_a_preview_that_fails_is_told_in_pulumis_own_words(machine: Path, tree: Path) -> None:
    diagnostics = [
        {"severity": "info", "message": "overlay"},
        {"severity": "error", "message": "error: target: dokcer is not known\n"},
    ]
    answers(machine, {"diagnostics": diagnostics}, code=1)
    with pytest.raises(PreviewError) as raised:
        planned(machine, tree)
    assert str(raised.value) == "error: target: dokcer is not known"


def test_what_fails_before_there_is_a_preview_is_told_too(machine: Path, tree: Path) -> None:
    answers(machine, {}, code=255, errors="error: no language plugin")
    (machine / "digest.json").write_text("")
    with pytest.raises(PreviewError, match="error: no language plugin"):
        planned(machine, tree)


@pytest.mark.parametrize(
    "message",
    [
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock",
        "error: failed to connect to any docker daemon",
        "Error pinging Docker server: i/o timeout",
    ],
)
def test_a_docker_stack_without_an_engine_says_what_it_needs(
    machine: Path, tree: Path, message: str
) -> None:
    answers(machine, {"diagnostics": [{"severity": "error", "message": message}]}, code=255)
    with pytest.raises(PreviewError, match="needs a Docker engine that answers"):
        planned(machine, tree)


def test_against_what_is_deployed_the_stack_must_be_there_and_no_cluster_is_asked(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://backend.example.com")
    pulumi = answers(machine, {"steps": []})
    against_deployed("prod", machine)
    assert asked(pulumi) == ["preview --json --stack prod --show-sames"]
    assert environment(machine)["PULUMI_BACKEND_URL"] == "https://backend.example.com"
    assert "kind: Config" in (machine / "kubeconfig").read_text()


def test_against_what_is_deployed_pulumi_says_what_becomes_of_each(machine: Path) -> None:
    old, new = state("backend", {"memory": 1}), state("backend", {"memory": 2})
    gone, kept, made = state("gone"), state("kept"), state("made")
    steps: list[dict[str, Any]] = [
        {"op": "same", "oldState": kept, "newState": kept},
        {"op": "create-replacement", "oldState": old, "newState": new},
        {"op": "replace", "oldState": old, "newState": new},
        {"op": "delete-replaced", "oldState": old},
        {"op": "delete", "oldState": gone},
        {"op": "create", "newState": made},
    ]
    answers(
        machine,
        {"steps": [{"urn": (s.get("newState") or s["oldState"])["urn"]} | s for s in steps]},
    )
    found = against_deployed("prod", machine)
    difference = compare(found.base, found.head, found.steps)
    assert [(change.status, change.resource.name) for change in difference.changes] == [
        ("removed", "gone"),
        ("replaced", "backend"),
        ("created", "made"),
    ]
    assert difference.same == 1
