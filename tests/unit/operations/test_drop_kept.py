"""The verbs that give up a volume or a secret, once its name was typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from operations import last_backup
from operations.__main__ import main
from operations.last_backup import LastBackup
from operations.workspace import Workspace, data_directory
from tests.unit.operations.conftest import program, pulumi_calls
from tests.unit.operations.plan.states import VOLUME, state
from tests.unit.operations.test_kept import SECRET

OLD = state("volume-old-data", {"name": "ai-platform-dev-old-data"}, kind=VOLUME, protect=True)
USED = state("volume-redis", {"name": "ai-platform-dev-redis"}, kind=VOLUME, protect=True)
POSTGRES = state("volume-postgres", {"name": "ai-platform-dev-postgres"}, kind=VOLUME, protect=True)
KEY = state("secret.session-key", kind=SECRET, protect=True)
MODELS = state("volume-models", {"name": "ai-platform-dev-models"}, kind=VOLUME)
UNPROTECT = "state unprotect {} --yes --stack dev"


@pytest.fixture(autouse=True)
def _stack(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack whose stack file has only Redis."""
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    resources = [OLD, USED, POSTGRES, KEY, MODELS]
    gone = [OLD, POSTGRES, KEY, MODELS]
    steps = [{"op": "delete", "urn": item["urn"], "oldState": item} for item in gone]
    program(
        machine,
        "pulumi",
        f"""case "$*" in
        *export*) echo '{json.dumps({"deployment": {"resources": resources}})}';;
        *preview*) echo '{json.dumps({"steps": steps})}';;
        *version*) echo v3.260.0;;
        esac""",
    )
    sizes = json.dumps([{"Name": "ai-platform-dev-old-data", "Size": "1.2GB"}])
    program(machine, "docker", f"""case "$*" in "system df"*) echo '{sizes}';; esac""")
    write(machine, production=False)
    config = machine / "Pulumi.dev.yaml"
    workspace = Workspace(stack="dev", config=config, data=data_directory())
    monkeypatch.setattr(Workspace, "of", lambda stack: workspace)
    unknown = LastBackup(begun=None, reason="No backup is known.")
    monkeypatch.setattr(last_backup, "find", lambda *_: unknown)


def write(machine: Path, *, production: bool) -> None:
    (machine / "Pulumi.dev.yaml").write_text(
        "config:\n  ai-platform:target: docker\n"
        f"  ai-platform:production: {str(production).lower()}\n"
        "  ai-platform:observability: {receiver: none}\n"
    )


def drop(kind: str, name: str, typed: str, *options: str) -> tuple[int, str]:
    arguments = [f"drop-{kind}", f"--{kind}={name}", *options]
    result = CliRunner().invoke(main, arguments, input=typed)
    return result.exit_code, " ".join(result.output.split())


def unprotected(machine: Path) -> list[str]:
    return [call for call in pulumi_calls(machine) if "unprotect" in call]


@pytest.mark.parametrize("name", ["ai-platform-dev-old-data", "old-data"])
def test_a_volume_is_given_up_after_its_name_was_typed(machine: Path, name: str) -> None:
    code, output = drop("volume", name, f"{name}\n")
    assert code == 0
    assert "gives up the volume ai-platform-dev-old-data of the stack dev" in output
    assert "ai-platform-dev-old-data 1.2GB" in output
    assert "make up STACK=dev now removes the volume ai-platform-dev-old-data." in output
    assert unprotected(machine) == [UNPROTECT.format(OLD["urn"])]


def test_a_secret_is_given_up_by_its_own_verb(machine: Path) -> None:
    assert drop("volume", "secret.session-key", "", "--yes")[0] == 1
    assert drop("secret", "secret.session-key", "", "--yes")[0] == 0
    assert unprotected(machine) == [UNPROTECT.format(KEY["urn"])]


def test_another_name_gives_up_nothing(machine: Path) -> None:
    assert drop("volume", "old-data", "redis\n")[0] == 1
    assert drop("volume", "old-data", "")[0] == 1
    assert unprotected(machine) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("redis", "the stack file still has the volume ai-platform-dev-redis."),
        ("models", "keeps no volume models."),
        ("old-dta", "The nearest name is old-data."),
    ],
)
def test_what_the_stack_needs_or_does_not_keep_is_not_given_up(
    machine: Path, name: str, reason: str
) -> None:
    code, output = drop("volume", name, f"{name}\n", "--yes")
    assert code == 1
    assert reason in output
    assert "Nothing was changed." in output
    assert unprotected(machine) == []


def test_the_databases_of_a_production_stack_need_a_backup_that_survives(machine: Path) -> None:
    assert drop("volume", "postgres", "", "--yes")[0] == 0
    write(machine, production=True)
    code, output = drop("volume", "postgres", "", "--yes")
    assert code == 1
    assert "WITHOUT_BACKUP=1" in output
    assert drop("volume", "postgres", "", "--yes", "--without-backup")[0] == 0
    assert len(unprotected(machine)) == 2


def test_the_files_of_a_service_of_a_production_stack_need_a_copy(machine: Path) -> None:
    write(machine, production=True)
    code, output = drop("volume", "old-data", "", "--yes")
    assert code == 1
    assert "no copy younger than a day of the files of old." in output
    assert unprotected(machine) == []
    assert drop("volume", "old-data", "", "--yes", "--without-backup")[0] == 0


def test_a_stack_file_that_cannot_be_previewed_gives_up_nothing(machine: Path) -> None:
    script = f"""case "$*" in
        *export*) echo '{json.dumps({"deployment": {"resources": [OLD]}})}';;
        *preview*) echo 'the engine does not answer'; false;;
        esac"""
    program(machine, "pulumi", script)
    code, output = drop("volume", "old-data", "", "--yes")
    assert code == 1
    assert "the engine does not answer Nothing was changed." in output


@pytest.mark.parametrize("kind", ["volume", "secret"])
def test_a_call_without_a_name_is_a_wrong_call(kind: str) -> None:
    code, output = drop(kind, "", "")
    assert code == 2
    assert f"set {kind.upper()} to a name" in output
