"""Every verb uses the engine that `docker.host` of the stack names."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import pytest
import yaml

from operations import machine_choices, pulumi_installation, stack_file
from operations.databases import databases, drop_database
from operations.down import down
from operations.drop_kept import drop
from operations.images import images
from operations.import_dump import import_dump
from operations.import_files import import_files
from operations.machine_choices import DockerChoices
from operations.purge import purge
from operations.status import status
from operations.up import up
from operations.workspace import Workspace
from tests.unit.operations.conftest import program
from tests.unit.operations.plan.states import VOLUME, state

HOST = "ssh://deploy@engine.example.com"
STACK_FILE = """\
config:
  ai-platform:target: docker
  ai-platform:docker: {host: 'ssh://deploy@engine.example.com'}
  ai-platform:api:
    services:
      reports: {image: acme/reports:1, database: {}, data_volume: {path: /srv/reports}}
"""
LABELS = '{"ai-platform.workload": "redis", "ai-platform.tier": "cache"}'
UNTRACKED = f"""{{
"Id": "untracked", "Name": "/ai-platform-shop-left",
"Config": {{"Labels": {LABELS}}}, "State": {{"Status": "running"}}}}"""
DOCKER = f"""\
printenv DOCKER_HOST >> "$0.hosts"
case "$1 $2" in
"container ls") echo ai-platform-shop-postgres;;
"network ls") echo ai-platform-shop-edge;;
"network inspect") echo '[{{"Name": "ai-platform-shop-edge", "Id": "a"}}]';;
"volume ls") echo ai-platform-shop-reports-data;;
"container inspect") echo '[{UNTRACKED}]';;
"volume inspect") echo '[{{"Name": "ai-platform-shop-reports-data"}}]';;
esac
"""
OLD = state("volume-old", {"name": "ai-platform-shop-old"}, kind=VOLUME, id="old", protect=True)
RESOURCES = [{"urn": "redis", "id": "a", "type": "docker:index:Container"}, OLD]
DELETION = {"op": "delete", "urn": OLD["urn"], "oldState": OLD}
PULUMI = f"""\
case "$*" in
*export*) echo '{json.dumps({"deployment": {"resources": RESOURCES}})}';;
*preview*) echo '{json.dumps({"steps": [DELETION]})}';;
*output*) echo '{{"endpoints": {{}}}}';;
esac
"""
# For each verb, a call and the number of docker commands that it runs at least.
VERBS: dict[str, tuple[Callable[[Path], object], int]] = {
    "up": (lambda _: up("shop"), 5),
    "down": (lambda _: down(Workspace.of("shop")), 6),
    "down with a purge": (lambda _: purge(Workspace.of("shop"), confirmed="shop"), 7),
    "drop-volume": (lambda _: drop(Workspace.of("shop"), "volume", "old", confirmed=True), 1),
    "status": (lambda _: status("shop"), 2),
    "databases": (lambda _: databases("shop"), 2),
    "drop-database": (lambda _: drop_database("shop", "old", confirmed=True), 2),
    "import of a dump": (lambda dump: import_dump("shop", dump, "reports", replace=None), 2),
    "import of files": (lambda dump: import_files("shop", dump.parent, "reports", replace=None), 3),
    "images": (lambda _: images("shop"), 3),
}


@pytest.fixture
def hosts(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The engine of each docker command that ran. The shell's own engine is another one, and no
    machine has choices of its own for a stack of this name."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    config = machine / "Pulumi.shop.yaml"
    config.write_text(STACK_FILE)
    workspace = Workspace(stack="shop", config=config, data=machine)
    monkeypatch.setattr(Workspace, "of", lambda stack: workspace)
    choices = DockerChoices(catalogue="official", plugins={})
    monkeypatch.setattr(machine_choices, "for_docker", lambda stack, report: choices)
    monkeypatch.setattr(pulumi_installation, "ensure", lambda *_: None)
    program(machine, "pulumi", PULUMI)
    program(machine, "docker", DOCKER)
    record = machine / "cache" / "ai-platform" / "bin" / "docker.hosts"
    return lambda: record.read_text().splitlines()


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_uses_the_stacks_engine(
    verb: str, hosts: Callable[[], list[str]], tmp_path: Path
) -> None:
    run, calls = VERBS[verb]
    dump = tmp_path / "source" / "dump.sql"
    dump.parent.mkdir()
    dump.write_text("SELECT 1;")
    with suppress(click.ClickException):  # the engine has no database
        run(dump)
    assert len(hosts()) >= calls
    assert set(hosts()) == {HOST}


# What an engine's client answers about the context that it uses.
CONTEXT = 'case "$*" in "context inspect"*) echo "$CONTEXT";; esac'


@pytest.mark.parametrize(
    ("setting", "variables", "context", "engine"),
    [
        (HOST, {"DOCKER_CONTEXT": "lab"}, "lab tcp://lab", HOST),
        (None, {"DOCKER_HOST": "tcp://own", "DOCKER_CONTEXT": "lab"}, "lab tcp://lab", "tcp://own"),
        (None, {"DOCKER_CONTEXT": "lab"}, "lab tcp://lab", "tcp://lab"),
        # The current context.
        (None, {}, "lab tcp://lab", "tcp://lab"),
        (None, {}, "default unix:///var/run/docker.sock", None),
        # The client is too old, or its configuration is wrong.
        (None, {}, "", None),
    ],
)
def test_the_plugin_and_the_docker_command_use_one_engine(
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str | None,
    variables: dict[str, str],
    context: str,
    engine: str | None,
) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name, value in (variables | {"CONTEXT": context}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    program(machine, "docker", CONTEXT)
    config = machine / "Pulumi.shop.yaml"
    docker = {"host": setting} if setting else {}
    config.write_text(
        yaml.safe_dump({"config": {"ai-platform:target": "docker", "ai-platform:docker": docker}})
    )
    stack_file.open_stack(Workspace(stack="shop", config=config, data=machine))
    assert os.environ.get("DOCKER_HOST") == engine
    assert "DOCKER_CONTEXT" not in os.environ


def test_the_hint_of_the_status_names_the_stacks_engine(
    hosts: Callable[[], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status("shop")
    assert f"docker --host {HOST} logs ai-platform-shop-SERVICE" in capsys.readouterr().out
