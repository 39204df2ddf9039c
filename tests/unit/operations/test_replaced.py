"""The data that restores have set aside is listed, and removed by its name."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from operations import database_server, docker_stack, replaced_volumes
from operations.__main__ import main
from operations.workspace import Workspace
from tests.unit.describing import KUBERNETES, settings

FIRST, SECOND = "pgdata.before-20261124T210000Z", "pgdata.before-20261125T210000Z"


@pytest.fixture
def volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The volume of a server, in which the verb's scripts run."""
    for name in ("pgdata", FIRST, SECOND, "pgdata.restoring"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(bytes(1024**2))

    class Container:
        def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
            environment = {"PGDATA": f"{tmp_path}/pgdata", "PATH": "/usr/bin:/bin"}
            pipe = subprocess.PIPE
            return subprocess.run(
                command, env=environment, check=True, text=True, stdout=pipe, stderr=pipe
            ).stdout

    server = SimpleNamespace(inside=Container())
    monkeypatch.setattr(database_server, "of", lambda *_: server)
    monkeypatch.setattr(replaced_volumes, "read", lambda *_: {})
    return tmp_path


def drop(*options: str, typed: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(main, ["drop-replaced", *options], input=typed)
    return result.exit_code, " ".join(result.output.split())


def test_what_is_set_aside_is_listed_with_its_size(volume: Path) -> None:
    code, output = drop()
    assert code == 0
    assert output.startswith(f"name size {FIRST} 1.0 MB {SECOND} 1.0 MB To remove one:")


def test_it_is_removed_after_its_name_was_typed(volume: Path) -> None:
    assert drop(f"--name={FIRST}", typed="yes\n")[0] == 1
    assert drop(f"--name={FIRST}")[0] == 1
    assert (volume / FIRST).exists()
    code, output = drop(f"--name={FIRST}", typed=f"{FIRST}\n")
    assert code == 0
    assert f"This removes {FIRST} (1.0 MB), which a restore of the stack dev" in output
    assert sorted(path.name for path in volume.iterdir()) == [
        "pgdata",
        SECOND,
        "pgdata.restoring",
    ]
    assert drop(f"--name={SECOND}", "--yes")[0] == 0
    assert drop()[1] == "Nothing of the server of dev is set aside."


@pytest.mark.parametrize("name", ["pgdata", "pgdata.restoring", "../x", FIRST[:-1]])
def test_nothing_else_is_removed(volume: Path, name: str) -> None:
    code, output = drop(f"--name={name}", "--yes")
    assert code == 1
    assert f"nothing with the name {name} is set aside." in output
    assert len(list(volume.iterdir())) == 4


OLD = "ai-platform-dev-postgres"


def test_a_volume_that_an_upgrade_has_replaced_is_listed_and_removed_too(
    volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[str] = []
    monkeypatch.setattr(replaced_volumes, "read", lambda *_: {OLD: "7.0 GB"})
    monkeypatch.setattr(replaced_volumes, "remove", lambda *words: removed.append(words[-1]))
    assert f"{OLD} 7.0 GB" in drop()[1]
    code, output = drop(f"--name={OLD}", typed=f"{OLD}\n")
    assert code == 0
    assert f"This removes {OLD} (7.0 GB), which an upgrade of the stack dev" in output
    assert removed == [OLD]
    assert (volume / FIRST).exists()


def test_only_volumes_of_the_server_that_the_state_no_longer_has_are_replaced(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = [OLD, f"{OLD}-17", "ai-platform-dev-postgres-data", "ai-platform-dev-redis"]
    workspace = Workspace.of("dev")
    _state(monkeypatch, {f"{OLD}-17": "docker:index/volume:Volume"})
    monkeypatch.setattr(docker_stack, "volumes", lambda stack: present)
    monkeypatch.setattr(replaced_volumes, "docker", lambda *words: "")
    assert replaced_volumes.read(workspace, settings()) == {OLD: "size unknown"}
    # The claims of that operator are `ai-platform-postgres-1` and so on.
    operated = {"mode": "cloudnative-pg", "backup": False}
    assert replaced_volumes.read(workspace, settings({**KUBERNETES, "data": operated})) == {}


def test_a_claim_is_replaced_although_the_state_has_a_service_of_that_name(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim: dict[str, Any] = {"metadata": {"name": "ai-platform-postgres"}}
    claim |= {"spec": {"resources": {"requests": {"storage": "10Gi"}}}}
    used = {**claim, "metadata": {"name": "ai-platform-postgres-17"}}
    _state(
        monkeypatch,
        {
            "shop/ai-platform-postgres": "kubernetes:core/v1:Service",
            "shop/ai-platform-postgres-17": "kubernetes:core/v1:PersistentVolumeClaim",
        },
    )
    claims = {one["metadata"]["name"]: one for one in (claim, used)}
    monkeypatch.setattr(replaced_volumes, "_claims", lambda *_: claims)
    replaced = replaced_volumes.read(Workspace.of("prod"), settings(KUBERNETES))
    assert replaced == {"ai-platform-postgres": "10Gi"}


def _state(monkeypatch: pytest.MonkeyPatch, types: Mapping[str, str]) -> None:
    """The types of the resources in the stack's state, by their ids."""
    resources = [{"id": identifier, "type": kind} for identifier, kind in types.items()]
    monkeypatch.setattr(Workspace, "_resources", lambda _: resources)
