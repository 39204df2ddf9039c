"""A purge shows what it removes, takes the stack's name, and leaves a rest protected."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import click
import pytest

from operations import last_backup, last_copies, steps
from operations.kept import Kept
from operations.last_backup import LastBackup
from operations.last_copies import LastCopy
from operations.purge import purge
from operations.workspace import Workspace, data_directory, machine_file
from tests.unit.operations.conftest import program, pulumi_calls
from tests.unit.operations.plan.states import VOLUME, state
from tests.unit.operations.test_kept import SECRET

OPTIONS = " ".join(steps.NON_INTERACTIVE)
STACK_FILE = """\
config:
  ai-platform:target: docker
  ai-platform:production: {production}
  ai-platform:observability: {{receiver: none}}
  ai-platform:api:
    services:
      reports: {{image: acme/reports:1, data_volume: {{path: /srv/reports}}}}
"""


def volume(name: str) -> dict[str, Any]:
    full = f"ai-platform-shop-{name}"
    return state(f"volume-{name}", {"name": full}, kind=VOLUME, id=full, protect=True)


POSTGRES, REDIS, REPORTS = volume("postgres"), volume("redis"), volume("reports-data")
PASSWORD = state("postgres-password", kind=SECRET, protect=True)
SIZES = [{"Name": "ai-platform-shop-postgres", "Size": "48.5MB"}]
NOW = last_backup.now()
FRESH = LastBackup(begun=NOW - timedelta(hours=2), survives=True)
COPIED = LastCopy(service="reports", at=NOW - timedelta(minutes=9))
VOLUMES = """case "$*" in
"volume ls"*) echo old;;
"volume inspect"*) echo '[{"Name": "ai-platform-shop-postgres"}]';;
esac"""
RUNS_BUT_FAILS = """case "$*" in
"container ls"*workload=postgres*) echo ai-platform-shop-postgres;;
"exec "*) false;;
esac"""

Shop = Callable[..., Workspace]


@pytest.fixture
def shop(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Makes the stack `shop` of a fake Pulumi and a fake engine, with these resources and this
    backup."""
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")

    def make(
        *resources: dict[str, Any],
        production: bool = False,
        backup: LastBackup = FRESH,
        copy: LastCopy = COPIED,
        volumes: Sequence[str] = (),
    ) -> Workspace:
        exported = json.dumps({"deployment": {"resources": resources}})
        script = f"""case "$*" in *export*) echo '{exported}';; *version*) echo v3.256.0;; esac"""
        program(machine, "pulumi", script)
        program(
            machine,
            "docker",
            f"""case "$*" in
            "volume ls"*) echo '{" ".join(volumes)}';;
            "volume inspect"*) echo '{json.dumps([{"Name": name} for name in volumes])}';;
            "system df"*) echo '{json.dumps(SIZES)}';;
            "container ls"*workload=postgres*) echo ai-platform-shop-postgres;;
            "exec "*) printf 'platform\\towner\\t8 MB\\t0\\n';;
            esac""",
        )
        monkeypatch.setattr(last_backup, "find", lambda *_: backup)
        monkeypatch.setattr(last_backup, "now", lambda: NOW)
        monkeypatch.setattr(last_copies, "now", lambda: NOW)

        def copies(_: object, __: object, items: Sequence[Kept]) -> list[LastCopy]:
            return [copy] if "reports-data" in {item.short for item in items} else []

        monkeypatch.setattr(last_copies, "find", copies)
        config = machine / "Pulumi.shop.yaml"
        config.write_text(STACK_FILE.format(production=str(production).lower()))
        return Workspace(stack="shop", config=config, data=data_directory())

    return make


def docker_calls(machine: Path) -> list[str]:
    return (machine / "docker.calls").read_text().splitlines()


def changes(machine: Path) -> list[str]:
    return [call for call in pulumi_calls(machine) if call.startswith(("destroy", "stack rm"))]


def test_a_purge_removes_what_has_no_data_then_the_data_and_then_its_secrets(
    machine: Path, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is protected is never unprotected, so a killed purge leaves the rest as it was."""
    purge(shop(PASSWORD, POSTGRES, REDIS), confirmed="shop")
    data = f"--target {POSTGRES['urn']} --target {REDIS['urn']}"
    assert changes(machine) == [
        f"destroy {OPTIONS} --exclude-protected --stack shop",
        f"destroy {OPTIONS} --ignore-protect {data} --stack shop",
        f"destroy {OPTIONS} --ignore-protect --stack shop",
        "stack rm --yes shop",
    ]
    assert not [call for call in pulumi_calls(machine) if "unprotect" in call]
    assert "The stack shop and its data are removed." in capsys.readouterr().out


def test_a_volume_that_an_upgrade_has_replaced_is_shown_and_goes_before_the_secrets(
    machine: Path, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = "ai-platform-shop-postgres", "ai-platform-shop-postgres-17"
    workspace = shop(volume("postgres-17"), PASSWORD, production=True, volumes=(new, old))
    with pytest.raises(click.UsageError):
        purge(workspace, confirmed=None)
    shown = " ".join(capsys.readouterr().out.split())
    assert f"{old} size unknown the databases, before an upgrade" in shown
    removals = [f"volume rm {old}"]
    assert not [call for call in docker_calls(machine) if call.startswith("volume rm")]
    purge(workspace, confirmed="shop")
    assert [call for call in docker_calls(machine) if call.startswith("volume rm")] == removals

    program(machine, "docker", f"""case "$*" in "volume rm"*) exit 1;; *) {VOLUMES};; esac""")
    (machine / "pulumi.calls").unlink()
    with pytest.raises(CalledProcessError):
        purge(workspace, confirmed="shop")
    assert len(changes(machine)) == 2


def test_what_is_left_of_a_killed_purge_is_removed_too(machine: Path, shop: Shop) -> None:
    purge(shop(PASSWORD, production=True), confirmed="shop")
    assert len([call for call in changes(machine) if "--target" in call]) == 0
    assert changes(machine)[-1] == "stack rm --yes shop"


def test_everything_that_is_lost_is_shown_before_the_question(
    machine: Path, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(click.UsageError, match="CONFIRM=shop"):
        purge(shop(PASSWORD, POSTGRES, REDIS, REPORTS), confirmed=None)
    assert changes(machine) == []
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[-9:] == [
        "PURGE=1 removes the stack shop with its data for good:",
        "volume in use holds",
        "ai-platform-shop-postgres 48.5MB the databases",
        "ai-platform-shop-redis unknown",
        "ai-platform-shop-reports-data unknown the files of reports",
        "Databases: platform (8 MB)",
        "Secrets: postgres-password",
        "The newest verified backup was begun 2 h ago. The bucket has it.",
        "The newest copy of the files of reports is 9 min old.",
    ]


def test_a_server_that_does_not_run_is_no_reason_to_keep_its_data(
    machine: Path, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = shop(POSTGRES)
    for script in (RUNS_BUT_FAILS, ""):
        program(machine, "docker", script)
        purge(workspace, confirmed="shop")
        assert "The databases cannot be listed: " in capsys.readouterr().out
        assert changes(machine).pop() == "stack rm --yes shop"


@pytest.mark.parametrize("name", ["dev", "yes", ""])
def test_another_name_changes_nothing(machine: Path, shop: Shop, name: str) -> None:
    with pytest.raises(click.ClickException, match="Nothing was changed"):
        purge(shop(POSTGRES), confirmed=name)
    assert changes(machine) == []
    docker = (machine / "docker.calls").read_text()
    assert not [line for line in docker.splitlines() if line.startswith(("stop", "rm", "network"))]


@pytest.mark.parametrize(
    "backup", [LastBackup(begun=FRESH.begun), LastBackup(begun=None, reason="No backup.")]
)
@pytest.mark.parametrize("resource", [POSTGRES, REPORTS])
def test_a_production_stack_is_kept_without_a_fresh_backup_outside_it(
    machine: Path, shop: Shop, backup: LastBackup, resource: dict[str, Any]
) -> None:
    workspace = shop(resource, production=True, backup=backup)
    with pytest.raises(click.ClickException, match="WITHOUT_BACKUP=1"):
        purge(workspace, confirmed="shop")
    assert changes(machine) == []
    purge(workspace, confirmed="shop", without_backup=True)
    assert changes(machine)[-1] == "stack rm --yes shop"


def test_a_production_stack_is_kept_without_a_fresh_copy_of_the_files_of_each_service(
    machine: Path, shop: Shop
) -> None:
    old = LastCopy(service="reports", at=NOW - timedelta(days=20))
    workspace = shop(POSTGRES, REPORTS, production=True, copy=old)
    with pytest.raises(click.ClickException, match="of the files of reports"):
        purge(workspace, confirmed="shop")
    assert changes(machine) == []
    purge(workspace, confirmed="shop", without_backup=True)
    purge(shop(POSTGRES, REPORTS, production=False, copy=old), confirmed="shop")
    purge(shop(POSTGRES, REPORTS, production=True), confirmed="shop")
    assert changes(machine).count("stack rm --yes shop") == 3


def test_a_production_stack_goes_with_a_fresh_backup_or_without_data_of_its_own(
    machine: Path, shop: Shop
) -> None:
    """A cache and figures are in no backup."""
    nothing = LastBackup(begun=None, reason="No backup.")
    for workspace in (
        shop(POSTGRES, production=True),
        shop(REDIS, production=True, backup=nothing),
        shop(POSTGRES, production=False, backup=nothing),
    ):
        purge(workspace, confirmed="shop")
        assert changes(machine).pop() == "stack rm --yes shop"


def test_a_killed_purge_of_a_production_stack_needs_no_second_backup(
    machine: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = shop(POSTGRES, production=True)
    script = (machine / "cache/ai-platform/bin/pulumi").read_text()
    program(machine, "pulumi", script.replace("esac", "*--target*) exit 137;; esac"))
    with pytest.raises(Exception, match="137"):
        purge(workspace, confirmed="shop")
    assert workspace.purging.read_text() == (FRESH.begun and FRESH.begun.isoformat())
    program(machine, "pulumi", script)
    purge(workspace, confirmed="shop")
    assert not workspace.purging.exists()


def test_an_old_pulumi_is_refused_before_anything_ends(machine: Path, shop: Shop) -> None:
    workspace = shop(POSTGRES)
    program(machine, "pulumi", """case "$*" in *export*) echo '{}';; *) echo v3.255.0;; esac""")
    with pytest.raises(click.ClickException, match=r"Pulumi 3\.256\.0"):
        purge(workspace, confirmed="shop")
    assert changes(machine) == []


def test_a_compiled_plugin_does_not_purge_a_stack_on_a_cluster_that_the_user_did_not_allow(
    shop: Shop, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop()
    monkeypatch.setenv("KUBECONFIG", str(machine / "none"))
    machine_file().parent.mkdir(parents=True, exist_ok=True)
    machine_file().write_text("plugins: {kubernetes: 4.25.0+compiled, contexts: [another]}")
    with pytest.raises(click.ClickException, match="Nothing was changed"):
        purge(Workspace.of("local"), confirmed="local")
    assert not (machine / "pulumi.calls").exists()
