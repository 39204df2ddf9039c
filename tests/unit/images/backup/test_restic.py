"""How restic is called, and what its failures mean."""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backup.config import OffsiteConfig
from backup.offsite import restic
from backup.offsite.restic import Ending, Locked, NoRepository, OffsiteError, Repository

KEYS = {"access": "AKIDEXAMPLE", "secret": "wJalrXUtnFEMI", "passphrase": "correct horse"}
# It records how it was called, and fails as the files beside it say, one after the other.
RESTIC = """#!/bin/sh
here=$(dirname "$0")
count=$(cat "$here/count" 2>/dev/null || echo 0)
echo $((count + 1)) > "$here/count"
echo "$@" >> "$here/arguments"
env | grep -v ^PWD > "$here/environment"
stat -c '%a' "$AWS_SHARED_CREDENTIALS_FILE" > "$here/mode"
cat "$AWS_SHARED_CREDENTIALS_FILE" > "$here/credentials"
[ -e "$here/failure-$count" ] || exit 0
cat "$here/failure-$count" >&2
exit 1
"""


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "restic").write_text(RESTIC)
    (folder / "restic").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(restic, "SCRATCH", tmp_path)
    for name, value in KEYS.items():
        (tmp_path / name).write_text(value + "\n")
    return folder


def repository(folder: Path, port: int, **values: object) -> Repository:
    config = OffsiteConfig(
        repository=f"s3:http://127.0.0.1:{port}/bucket/prod/backups",
        region="eu-central-1",
        access_key_file=folder / "access",
        secret_key_file=folder / "secret",
        passphrase_file=folder / "passphrase",
        ca_file=folder / "ca.crt",
        schedule="*/10 * * * *",
    )
    return Repository(config, folder / "offsite")


def test_keys_and_the_passphrase_reach_restic_by_files_only(
    tmp_path: Path, program: Path, port: int
) -> None:
    repository(tmp_path, port).prune()
    seen = (program / "arguments").read_text() + (program / "environment").read_text()
    assert not [value for value in KEYS.values() if value in seen]
    assert "--option=s3.region=eu-central-1" in seen
    assert f"--cacert={tmp_path}/ca.crt" in seen
    assert f"RESTIC_PASSWORD_FILE={tmp_path}/passphrase" in seen
    assert (program / "mode").read_text() == "600\n"
    assert KEYS["secret"] in (program / "credentials").read_text()
    assert not list(tmp_path.glob("offsite-*"))


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        ("Fatal: wrong password or no key found", OffsiteError, "another passphrase than the"),
        (
            "Fatal: unable to open config file: Stat: The specified key does not exist.\n"
            "Is there a repository at the following location?",
            NoRepository,
            "has no backups",
        ),
        (
            "Fatal: unable to open config file: Stat: The Access Key Id you provided does not "
            "exist in our records.",
            OffsiteError,
            "rejects backup-access-key or backup-secret-key",
        ),
        (
            "Fatal: unable to open config file: Stat: The request signature we calculated does "
            "not match the signature you provided.",
            OffsiteError,
            "rejects backup-access-key or backup-secret-key",
        ),
        (
            "Fatal: unable to open config file: Stat: Get: x509: certificate signed by unknown "
            "authority",
            OffsiteError,
            "its certificate is not trusted",
        ),
        ("error for tree 12345678:\n  ciphertext", OffsiteError, "failed: error for tree"),
    ],
)
def test_a_failure_says_what_is_wrong(
    tmp_path: Path, program: Path, port: int, said: str, kind: type[OffsiteError], message: str
) -> None:
    (program / "failure-0").write_text(said)
    with pytest.raises(kind, match=message) as caught:
        repository(tmp_path, port).run("snapshots")
    assert type(caught.value) is kind
    assert not [value for value in KEYS.values() if value in str(caught.value)]


def test_a_server_that_does_not_answer_is_named_at_once(tmp_path: Path, program: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    with pytest.raises(OffsiteError, match=rf"127\.0\.0\.1:{closed} does not answer"):
        repository(tmp_path, closed).prune()
    assert not (program / "arguments").exists()


def test_a_lock_of_a_run_that_is_gone_is_removed_and_of_another_one_is_not(
    tmp_path: Path, program: Path, port: int
) -> None:
    locked = "unable to create lock in backend: repository is already locked by PID 7 on backup"
    (program / "failure-0").write_text(locked)
    repository(tmp_path, port).prune()
    verbs = [line.split(" ")[5] for line in (program / "arguments").read_text().splitlines()]
    assert verbs == ["prune", "unlock", "prune"]
    for number in (3, 5):
        (program / f"failure-{number}").write_text(locked)
    with pytest.raises(Locked, match="PID 7 on backup"):
        repository(tmp_path, port).prune()


def test_only_a_missing_repository_is_made(tmp_path: Path, program: Path, port: int) -> None:
    assert repository(tmp_path, port).ensure() is False
    absent = "Fatal: unable to open config file: Stat: The specified bucket does not exist."
    (program / "failure-1").write_text(absent)
    assert repository(tmp_path, port).ensure() is True
    assert (program / "arguments").read_text().rstrip().endswith(" init")
    (program / "failure-3").write_text("Fatal: wrong password or no key found")
    with pytest.raises(OffsiteError, match="passphrase"):
        repository(tmp_path, port).ensure()


def test_the_time_of_a_snapshot_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    rows = [
        {"id": "b", "time": "2026-11-30T22:13:58.29696134Z", "tags": ["wal", "system-7"]},
        {"id": "a", "time": "2026-11-30T22:13:57Z"},
    ]
    one = repository(tmp_path, port)
    monkeypatch.setattr(one, "run", lambda *arguments: json.dumps(rows))
    first, second = one.snapshots()
    assert (first.id, second.id) == ("a", "b")
    assert second.value("system-") == "7"
    assert (second.time - first.time).total_seconds() == pytest.approx(1.29696134, abs=1e-5)


def test_a_run_that_ends_with_the_program_says_nothing_about_the_bucket(
    tmp_path: Path, program: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """restic is interrupted, so that it removes its lock."""
    stopping = threading.Event()
    monkeypatch.setattr(restic, "_stopping", stopping)
    # A shell cannot trap a signal that was ignored at its start, as in a background job.
    (program / "restic").write_text(
        f"#!{sys.executable}\n"
        "import pathlib, signal, sys, time\n"
        "def interrupted(*_):\n"
        "    pathlib.Path(__file__ + '.interrupted').touch()\n"
        "    sys.exit(130)\n"
        "signal.signal(signal.SIGINT, interrupted)\n"
        "pathlib.Path(__file__ + '.began').touch()\n"
        "time.sleep(30)\n"
    )
    with ThreadPoolExecutor() as threads:
        running = threads.submit(repository(tmp_path, port).prune)
        while not (program / "restic.began").exists():
            time.sleep(0.01)
        restic.interrupt()
        with pytest.raises(Ending):
            running.result()
    assert (program / "restic.interrupted").exists()
    with pytest.raises(Ending):
        repository(tmp_path, port).prune()
