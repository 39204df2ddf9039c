"""Pulumi's calls for a plan, and the plan that its output results in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.plan.compare import compare
from operations.plan.previews import PreviewError, against_deployed, from_nothing
from operations.workspace import ROOT
from tests.unit.operations.conftest import program, pulumi_calls
from tests.unit.operations.plan.states import CONTAINER, state, urn

STACK_FILE = """
encryptionsalt: v1:salt
config:
  ai-platform:target: docker
  ai-platform:registry: {url: mirror.example.com, password: {secure: v1:abc}}
"""


def fake_preview(
    machine: Path, digest: Mapping[str, Any], *, code: int = 0, errors: str = ""
) -> Path:
    """Install a fake `pulumi` with this preview; return the file with its calls."""
    (machine / "digest.json").write_text(json.dumps(digest))
    script = f"""
case "$*" in *"preview --json"*)
    [ -r "$KUBECONFIG" ] && cp "$KUBECONFIG" "{machine}/kubeconfig"
    env > "{machine}/environment"
    cat "{machine}/digest.json"; echo "{errors}" >&2; exit {code};;
esac"""
    return program(machine, "pulumi", script)


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


def preview(machine: Path, tree: Path) -> Any:
    return from_nothing(
        "dev", tree=tree, virtualenv=machine / "packages", scratch=machine / "scratch"
    )


def test_a_plan_has_all_resources_of_an_empty_state(machine: Path, tree: Path) -> None:
    step = {"op": "create", "newState": state("backend", {"context": f"{tree}/images/web"})}
    fake_preview(machine, {"steps": [step]})
    plan = preview(machine, tree)
    assert list(plan) == [urn(CONTAINER, "backend")]
    assert plan[urn(CONTAINER, "backend")].inputs == {"context": "images/web"}


def test_the_state_is_temporary_despite_a_login(
    machine: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://backend.example.com")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "token")
    fake_preview(machine, {"steps": []})
    preview(machine, tree)
    scratch = machine / "scratch"
    assert environment(machine)["PULUMI_BACKEND_URL"] == f"file://{scratch}/state"
    assert environment(machine)["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(scratch / "passphrase")
    assert not (machine / "data").exists()


def test_the_tree_runs_with_its_own_packages(machine: Path, tree: Path) -> None:
    fake_preview(machine, {"steps": []})
    preview(machine, tree)
    assert environment(machine)["PATH"].startswith(f"{machine}/packages/bin:")
    project = yaml.safe_load((machine / "scratch/work/dev/Pulumi.yaml").read_text())
    assert project["main"] == str(tree)
    assert project["runtime"]["options"]["virtualenv"] == str(machine / "packages")


def test_a_preview_cannot_reach_the_users_cluster(
    machine: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/etc/kubeconfig")
    fake_preview(machine, {"steps": []})
    preview(machine, tree)
    kubeconfig = yaml.safe_load((machine / "kubeconfig").read_text())
    assert kubeconfig == {"apiVersion": "v1", "kind": "Config"}


def test_placeholders_replace_encrypted_settings(machine: Path, tree: Path) -> None:
    """The plan cannot decrypt them, because it does not have the passphrase."""
    fake_preview(machine, {"steps": []})
    preview(machine, tree)
    init, secret, preview_call = pulumi_calls(machine)
    assert init == "stack init --no-select dev"
    path = 'ai-platform:registry["password"]'
    assert secret.startswith(f"config set --stack dev --secret --path {path} https://placeholder-")
    assert preview_call == "preview --json --stack dev"
    copy = (machine / "scratch/work/dev/Pulumi.dev.yaml").read_text()
    assert yaml.safe_load(copy)["config"]["ai-platform:registry"] == {"url": "mirror.example.com"}
    assert (tree / "Pulumi.dev.yaml").read_text() == STACK_FILE


def test_a_tree_without_the_stack_has_no_plan(machine: Path, tree: Path) -> None:
    (tree / "Pulumi.dev.yaml").unlink()
    assert preview(machine, tree) is None


def test_a_failed_preview_raises_pulumis_error(machine: Path, tree: Path) -> None:
    diagnostics = [
        {"severity": "info", "message": "overlay"},
        {"severity": "error", "message": "error: target: dokcer is not known\n"},
    ]
    fake_preview(machine, {"diagnostics": diagnostics}, code=1)
    with pytest.raises(PreviewError) as raised:
        preview(machine, tree)
    assert str(raised.value) == "error: target: dokcer is not known"


def test_a_failure_without_a_preview_raises_pulumis_error_too(machine: Path, tree: Path) -> None:
    fake_preview(machine, {}, code=255, errors="error: no language plugin")
    (machine / "digest.json").write_text("")
    with pytest.raises(PreviewError, match="error: no language plugin"):
        preview(machine, tree)


@pytest.mark.parametrize(
    "message",
    [
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock",
        "error: failed to connect to any docker daemon",
        "Error pinging Docker server: i/o timeout",
    ],
)
def test_the_error_without_an_engine_says_that_docker_stacks_need_one(
    machine: Path, tree: Path, message: str
) -> None:
    fake_preview(machine, {"diagnostics": [{"severity": "error", "message": message}]}, code=255)
    with pytest.raises(PreviewError, match="needs a Docker engine that answers"):
        preview(machine, tree)


def test_a_preview_of_the_deployed_stack_uses_the_users_backend_and_no_cluster(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://backend.example.com")
    fake_preview(machine, {"steps": []})
    against_deployed("prod", machine)
    assert pulumi_calls(machine) == ["preview --json --stack prod --show-sames"]
    assert environment(machine)["PULUMI_BACKEND_URL"] == "https://backend.example.com"
    assert "kind: Config" in (machine / "kubeconfig").read_text()


def test_a_preview_of_the_deployed_stack_has_pulumis_statuses(machine: Path) -> None:
    old, new = state("backend", {"memory": 1}), state("backend", {"memory": 2})
    removed, same, created = state("removed"), state("same"), state("created")
    steps: list[dict[str, Any]] = [
        {"op": "same", "oldState": same, "newState": same},
        {"op": "create-replacement", "oldState": old, "newState": new},
        {"op": "replace", "oldState": old, "newState": new},
        {"op": "delete-replaced", "oldState": old},
        {"op": "delete", "oldState": removed},
        {"op": "create", "newState": created},
    ]
    fake_preview(
        machine,
        {
            "steps": [
                {"urn": (step.get("newState") or step["oldState"])["urn"]} | step for step in steps
            ]
        },
    )
    deployed = against_deployed("prod", machine)
    difference = compare(deployed.base, deployed.head, deployed.steps)
    assert [(change.status, change.resource.name) for change in difference.changes] == [
        ("removed", "removed"),
        ("replaced", "backend"),
        ("created", "created"),
    ]
    assert difference.same == 1
