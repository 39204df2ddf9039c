"""Where Pulumi keeps the state of stacks."""

import json
from pathlib import Path

import click
import pytest

from operations import backend
from operations.workspace import ROOT, Workspace
from tests.unit.operations.conftest import pulumi_calls


@pytest.mark.parametrize("login", ["file://~", "file:///srv/state", "https://api.example.com"])
def test_the_login_names_the_backend(machine: Path, login: str) -> None:
    """`pulumi login --local` and `pulumi login file://…` set no variable."""
    (machine / "credentials.json").write_text(json.dumps({"current": login}))
    home = {"PULUMI_HOME": str(machine)}
    assert backend.url(home, ROOT) == login
    assert backend.url({**home, "PULUMI_BACKEND_URL": "s3://bucket"}, ROOT) == "s3://bucket"


def test_a_project_file_comes_before_the_login(machine: Path) -> None:
    (machine / "credentials.json").write_text('{"current": "https://api.example.com"}')
    (machine / "Pulumi.yaml").write_text("name: p\nbackend: {url: 'file:///srv/state'}\n")
    assert backend.url({"PULUMI_HOME": str(machine)}, machine) == "file:///srv/state"


def test_a_token_alone_leads_to_pulumi_cloud(machine: Path) -> None:
    assert backend.url({"PULUMI_HOME": str(machine), "PULUMI_ACCESS_TOKEN": "x"}, ROOT) == ""


@pytest.mark.parametrize("url", ["", "https://api.example.com", "http://localhost:8000"])
def test_a_service_has_organisations(url: str) -> None:
    backend.expect_organisation(url, "acme/dev")


def test_files_and_buckets_have_no_organisations_but_the_one_of_pulumi() -> None:
    for stack in ("dev", "organization/dev"):
        backend.expect_organisation("file:///srv/state", stack)
    with pytest.raises(click.ClickException) as refusal:
        backend.expect_organisation("s3://bucket", "acme/dev")
    assert refusal.value.message == (
        "acme/dev is a stack of the organisation acme, but the state is in s3://bucket, which has "
        "no organisations. Nothing was changed. Log in to the organisation's backend with pulumi "
        "login, or use STACK=dev."
    )


def test_an_organisations_stack_without_a_login_is_refused_before_pulumi_runs(
    workspace: Workspace, machine: Path
) -> None:
    of_acme = Workspace(stack="acme/dev", config=workspace.config, data=workspace.data)
    with pytest.raises(click.ClickException, match="organisation acme"):
        of_acme.prepare()
    assert not (machine / "pulumi.calls").exists()
    workspace.prepare()
    assert pulumi_calls(machine)
