"""When the step before the server finds a restore; programs take the place of the image's.

tests/e2e/contracts/test_restore_step.py runs it on real servers.
"""

import os
import subprocess
from pathlib import Path

import pytest

from components.data import restore
from tests.unit.describing import ROOT, catalogue, settings

CLUSTER = {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}
NO, YES = "exit 2", "exit 0"
PASSWORD = 'case "$1" in /run/secrets/*) echo secret ;; *) exec /bin/cat "$@" ;; esac'
QUERY = 'case "$*" in *restore_id*) echo one ;; *) echo 1 ;; esac'
CLONE = 'mkdir "$PGDATA.restoring"; touch "$PGDATA.restoring/postgresql.auto.conf"'
# Only the server has a Service yet.
FIRST = '[ "$2" = "$SERVER_HOST" ]'


def run(folder: Path, variables: dict[str, str], **programs: str) -> list[str]:
    """Run the script on a volume with data. The result are the names on the volume."""
    data, binaries = folder / "volume" / "pgdata", folder / "bin"
    for directory in (data, binaries):
        directory.mkdir(parents=True)
    (data / "rows").touch()
    programs = {"cat": PASSWORD, "psql": QUERY, "pg_basebackup": CLONE, "sync": YES, **programs}
    for name, script in programs.items():
        (binaries / name).write_text(f"#!/bin/sh\n{script}\n")
        (binaries / name).chmod(0o755)
    step = restore.step(settings(), catalogue(), str(data))
    env = {**os.environ, **step.env, "PATH": f"{binaries}:{os.environ['PATH']}", **variables}
    path = ROOT / "database" / "restore" / "restore.sh"
    subprocess.run(["sh", path], env=env, check=True, capture_output=True)
    return sorted(path.name.partition("-2")[0] for path in data.parent.iterdir())


@pytest.mark.parametrize("variables", [{}, CLUSTER], ids=["engine", "cluster"])
def test_without_a_server_with_restored_data_nothing_changes(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    """On a cluster the backup part itself answers, so that nothing is waited for."""
    names = run(tmp_path, variables, pg_isready=NO, getent=YES, bash=YES, sleep=NO)
    assert names == ["pgdata"]


def test_the_first_pod_of_a_stack_waits_for_no_backup_part(tmp_path: Path) -> None:
    assert run(tmp_path, CLUSTER, pg_isready=NO, getent=FIRST, bash=NO, sleep=NO) == ["pgdata"]


def test_a_pod_that_the_policies_did_not_know_asks_once_more(tmp_path: Path) -> None:
    """They may learn of it between the question for the restore and that for the part."""
    asked = tmp_path / "asked"
    rejected = f"[ -e {asked} ] || {{ touch {asked}; exit 2; }}"
    names = run(tmp_path, CLUSTER, pg_isready=rejected, getent=YES, bash=YES, sleep=NO)
    assert names == ["in-use", "pgdata", "pgdata.before", "pgdata.restored.id"]
