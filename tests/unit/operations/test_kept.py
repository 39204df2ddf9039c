"""What a state protects, by the names that people know."""

import json
from pathlib import Path
from typing import Any

import click
import pytest

from operations import kept
from operations.kept import Kept
from operations.plan.previews import PreviewError
from operations.workspace import Workspace
from tests.unit.operations.conftest import program
from tests.unit.operations.plan.states import VOLUME, state

CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SECRET = "random:index/randomPassword:RandomPassword"
OF_ENGINE = state("volume-redis", {"name": "ai-platform-dev-redis"}, kind=VOLUME, protect=True)
OF_CLUSTER = state(
    "volume-x", {"metadata": {"name": "ai-platform-volume-x"}}, kind=CLAIM, protect=True
)
PASSWORD = state("postgres-password", {"length": 32}, kind=SECRET, protect=True)
MODELS = state("volume-models", {"name": "ai-platform-dev-models"}, kind=VOLUME)


def workspace(machine: Path, *resources: dict[str, Any], preview: str = "") -> Workspace:
    deployment = json.dumps({"deployment": {"resources": resources}})
    script = f"case $* in *export*) echo '{deployment}';; *preview*) {preview or 'false'};; esac"
    program(machine, "pulumi", script)
    return Workspace.of("dev")


def item(resource: dict[str, Any], name: str, short: str, *, is_secret: bool = False) -> Kept:
    return Kept(urn=resource["urn"], name=name, short=short, is_secret=is_secret)


REDIS = item(OF_ENGINE, "ai-platform-dev-redis", "redis")
KEY = item(PASSWORD, "postgres-password", "postgres-password", is_secret=True)


def test_what_is_protected_has_its_name_on_the_target_and_data_comes_first(machine: Path) -> None:
    resources = (PASSWORD, OF_CLUSTER, MODELS, OF_ENGINE)
    assert kept.kept(workspace(machine, *resources)) == [
        REDIS,
        item(OF_CLUSTER, "ai-platform-volume-x", "volume-x"),
        KEY,
    ]


@pytest.mark.parametrize(
    ("short", "expected"),
    [("postgres", True), ("postgres-17", True), ("postgres-data", False), ("my-postgres", False)],
)
def test_the_volumes_of_every_version_of_the_server_have_databases(
    short: str, expected: bool
) -> None:
    assert item(OF_ENGINE, f"ai-platform-dev-{short}", short).has_databases is expected
    assert not item(PASSWORD, "postgres", "postgres", is_secret=True).has_databases


def removing(*resources: dict[str, Any]) -> str:
    steps = [
        {"op": "delete", "urn": resource["urn"], "oldState": resource} for resource in resources
    ]
    return f"echo '{json.dumps({'steps': steps})}'"


def test_only_what_is_protected_and_would_go_is_no_longer_named(machine: Path) -> None:
    stack = workspace(machine, PASSWORD, MODELS, OF_ENGINE, preview=removing(MODELS, OF_ENGINE))
    assert kept.no_longer_named(stack) == [REDIS]


def test_a_refusal_names_the_verb_of_each(machine: Path) -> None:
    stack = workspace(machine, PASSWORD, OF_ENGINE, preview=removing(PASSWORD, OF_ENGINE))
    first, *lines = kept.refused(stack, PreviewError("it is protected"))
    assert "no longer has the volume ai-platform-dev-redis, the secret postgres-password." in first
    assert lines == [
        "  make drop-volume STACK=dev VOLUME=ai-platform-dev-redis",
        "  make drop-secret STACK=dev SECRET=postgres-password",
    ]


@pytest.mark.parametrize(
    ("message", "preview"),
    [
        ("the port is taken", removing(OF_ENGINE)),
        # A protected volume would be replaced, or the CLI is too old.
        ("it is protected", "echo '{\"steps\": []}'"),
        ("it is protected", "echo unknown flag; false"),
    ],
)
def test_every_other_failure_is_shown_as_it_is(machine: Path, message: str, preview: str) -> None:
    stack = workspace(machine, OF_ENGINE, preview=preview)
    assert list(kept.refused(stack, PreviewError(message))) == [
        f"{message}\nThe preview failed, and nothing was changed."
    ]


@pytest.mark.parametrize("version", ["v3.255.0", "3.99.12", "v2.300.0-dev.1"])
def test_a_pulumi_that_lacks_the_option_is_refused(machine: Path, version: str) -> None:
    program(machine, "pulumi", f"echo {version}")
    with pytest.raises(click.ClickException, match=r"needs Pulumi 3\.256\.0 or newer"):
        kept.expect_pulumi(Workspace.of("dev"))


@pytest.mark.parametrize("version", ["v3.256.0", "3.260.0", "v4.0.0-alpha", "of my own"])
def test_a_newer_pulumi_is_used(machine: Path, version: str) -> None:
    program(machine, "pulumi", f"echo {version}")
    kept.expect_pulumi(Workspace.of("dev"))
