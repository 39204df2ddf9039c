"""Runs restic on one repository in a bucket.

restic encrypts before anything leaves, sends each piece of content once, and proves what it reads.
Keys and the passphrase reach it by files only: arguments and variables are visible to others.
"""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# restic finds the snapshot that it compares with by the host's name, which a new pod would change.
HOST = "ai-platform"
ANSWER_SECONDS = 10
# Without these, restic takes memory for each processor, and twice its content between collections.
FRUGAL = {"GOGC": "20", "GOMAXPROCS": "2", "GOMEMLIMIT": "100MiB"}
INCOMPLETE = 3
"""restic's exit status when it could not read a file, but made a snapshot of the others."""

ABSENT = re.compile(r"bucket does not exist|key does not exist|object does not exist|NoSuchKey")
PASSPHRASE = re.compile(r"wrong password or no key found")
LOCKED = re.compile(r"already locked")
REFUSED = re.compile(
    r"no user exists|access key|signature|access ?denied|forbidden|InvalidAccessKeyId", re.IGNORECASE
)
CERTIFICATE = re.compile(r"x509|certificate|tls:", re.IGNORECASE)


class OffsiteError(Exception):
    """What keeps the bucket from being written or read, in one sentence."""


class NoRepository(OffsiteError):
    """The bucket answers, and has no repository at this place."""


class Locked(OffsiteError):
    """Another run works on the repository, or one that was killed left its lock."""


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Where a repository is, and the files that open it."""

    repository: str
    access_key_file: Path
    secret_key_file: Path
    passphrase_file: Path
    region: str | None = None
    ca_file: Path | None = None

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Bucket":
        ca_file = content.get("ca_file")
        return cls(
            repository=content["repository"],
            access_key_file=Path(content["access_key_file"]),
            secret_key_file=Path(content["secret_key_file"]),
            passphrase_file=Path(content["passphrase_file"]),
            region=content.get("region"),
            ca_file=Path(ca_file) if ca_file else None,
        )

    @property
    def endpoint(self) -> tuple[str, int]:
        url = urlsplit(self.repository.removeprefix("s3:"))
        return url.hostname or "", url.port or (80 if url.scheme == "http" else 443)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What a repository has of one moment."""

    id: str
    time: datetime
    tags: frozenset[str]

    def value(self, prefix: str) -> str | None:
        """What follows this prefix in one of its tags."""
        values = (tag.removeprefix(prefix) for tag in self.tags if tag.startswith(prefix))
        return next(values, None)


class Repository:
    """A repository. `cache` is a directory in which restic keeps what it would read each time."""

    def __init__(self, bucket: Bucket, cache: Path | None = None) -> None:
        self.bucket = bucket
        self._cache = cache

    def answers(self) -> None:
        """Raises OffsiteError where nothing answers. restic itself would try for 15 minutes."""
        host, port = self.bucket.endpoint
        try:
            socket.create_connection((host, port), timeout=ANSWER_SECONDS).close()
        except OSError as error:
            raise OffsiteError(f"{host}:{port} does not answer: {error}") from None

    def ensure(self) -> bool:
        """Make the repository where there is none; return whether it was made."""
        try:
            self.run("cat", "config")
        except NoRepository:
            self.run("init")
            return True
        return False

    def snapshots(self) -> list[Snapshot]:
        """All snapshots, oldest first."""
        content = json.loads(self.run("snapshots", "--json", "--no-lock")) or []
        snapshots = [
            Snapshot(
                id=each["id"],
                # restic writes nanoseconds, which Python does not read.
                time=datetime.fromisoformat(re.sub(r"\.\d+", "", each["time"])),
                tags=frozenset(each.get("tags") or ()),
            )
            for each in content
        ]
        return sorted(snapshots, key=lambda snapshot: snapshot.time)

    def backup(self, directory: Path, tags: Sequence[str], *options: str) -> int:
        """Make a snapshot of a directory's content; return the bytes that were added.

        The snapshot has names relative to the directory.
        """
        try:
            output = self.unlocked(
                "backup", ".", "--json", f"--host={HOST}", f"--tag={','.join(tags)}",
                # A hard link changes when its file says that it changed.
                "--ignore-ctime", *options,
                directory=directory,
            )  # fmt: skip
        except Incomplete as error:
            raise OffsiteError(f"some files could not be read: {error}") from None
        return int(json.loads(output.splitlines()[-1])["data_added"])

    def restore(self, snapshot: Snapshot, target: Path, *options: str) -> None:
        target.mkdir(parents=True, exist_ok=True)
        self.run("restore", snapshot.id, f"--target={target}", "--no-lock", *options)

    def forget(self, snapshots: Sequence[Snapshot]) -> None:
        if snapshots:
            self.unlocked("forget", *(snapshot.id for snapshot in snapshots))

    def prune(self) -> None:
        """Remove what no snapshot has. A tenth may stay, so that little is written again."""
        self.unlocked("prune", "--max-unused=10%")

    def check(self, share: str | None) -> None:
        """Prove the repository's structure, and the content of a share such as `3/14` or `100%`."""
        content = (f"--read-data-subset={share}",) if share else ()
        self.unlocked("check", "--no-cache" if self._cache is None else "--with-cache", *content)

    def repair(self) -> None:
        """Forget what is damaged, so that the next backup sends it again."""
        self.unlocked("rebuild-index", "--read-all-packs")

    def unlocked(self, *arguments: str, directory: Path | None = None) -> str:
        """Run restic; where a lock is in the way, remove it if the run that made it is gone.

        restic removes a lock that is older than half an hour, or whose process on this host ended.
        """
        try:
            return self.run(*arguments, directory=directory)
        except Locked:
            self.run("unlock")
            return self.run(*arguments, directory=directory)

    def run(self, *arguments: str, directory: Path | None = None) -> str:
        """The output of restic. Raises OffsiteError with what went wrong."""
        self.answers()
        with self._environment() as environment:
            code, output, errors = _run([*self._command(), *arguments], environment, directory)
        if code:
            raise self._error(arguments[0], code, errors)
        return output

    def _command(self) -> list[str]:
        command = ["restic", f"--repo={self.bucket.repository}", "--option=s3.connections=2"]
        if self.bucket.region:
            command.append(f"--option=s3.region={self.bucket.region}")
        if self.bucket.ca_file:
            command.append(f"--cacert={self.bucket.ca_file}")
        command.append(f"--cache-dir={self._cache}" if self._cache else "--no-cache")
        return command

    @contextmanager
    def _environment(self) -> Iterator[dict[str, str]]:
        """The variables of restic, which name files; the one with the keys lives as long as it."""
        bucket = self.bucket
        with tempfile.TemporaryDirectory(prefix="offsite-") as folder:
            credentials = Path(folder) / "credentials"
            descriptor = os.open(credentials, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(
                    "[default]\n"
                    f"aws_access_key_id = {bucket.access_key_file.read_text().strip()}\n"
                    f"aws_secret_access_key = {bucket.secret_key_file.read_text().strip()}\n"
                )
            yield {
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": folder,
                "TMPDIR": tempfile.gettempdir(),
                "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
                "RESTIC_PASSWORD_FILE": str(bucket.passphrase_file),
                "RESTIC_PROGRESS_FPS": "0.01",
                **FRUGAL,
            }

    def _error(self, command: str, code: int, errors: str) -> OffsiteError:
        place = self.bucket.repository
        if PASSPHRASE.search(errors):
            return OffsiteError(
                f"{place} was made with another passphrase than the secret backup-passphrase"
            )
        if LOCKED.search(errors):
            return Locked(f"{place} is locked by another run: {_last(errors)}")
        if CERTIFICATE.search(errors):
            return OffsiteError(f"{place}: the server's certificate is not trusted: {_last(errors)}")
        if REFUSED.search(errors):
            return OffsiteError(
                f"{place}: the server rejects backup-access-key or backup-secret-key: "
                f"{_last(errors)}"
            )
        if ABSENT.search(errors) and "config file" in errors:
            return NoRepository(f"{place} has no backups")
        if code == INCOMPLETE:
            return Incomplete(_last(errors))
        return OffsiteError(f"restic {command} on {place} failed: {_last(errors)}")


class Incomplete(OffsiteError):
    """A snapshot lacks files that could not be read."""


_running: set[subprocess.Popen[str]] = set()
_stopping = threading.Event()


def interrupt() -> None:
    """End what runs, and let nothing else start. restic then removes its lock."""
    _stopping.set()
    for process in list(_running):
        process.send_signal(signal.SIGINT)


def _run(
    command: Sequence[str], environment: Mapping[str, str], directory: Path | None
) -> tuple[int, str, str]:
    if _stopping.is_set():
        raise OffsiteError("the program is stopping")
    with subprocess.Popen(
        command,
        env=dict(environment),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        _running.add(process)
        try:
            output, errors = process.communicate()
        finally:
            _running.discard(process)
    return process.returncode, output, errors


def _last(errors: str) -> str:
    """The lines that say what was wrong: the fatal ones, or the last."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("Fatal:", "error"))] or lines[-1:]
    return " ".join(line.removeprefix("Fatal: ") for line in fatal[:3])
