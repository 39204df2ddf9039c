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
from urllib.parse import urlsplit

from backup.config import OffsiteConfig
from backup.errors import BackupError
from backup.layout import SCRATCH

# restic finds the snapshot that it compares with by the host's name, which a new pod would change.
HOST = "ai-platform"
ANSWER_SECONDS = 10
# Without these, restic takes memory for each processor, and twice its content between collections.
FRUGAL = {"GOGC": "20", "GOMAXPROCS": "2", "GOMEMLIMIT": "100MiB"}
INCOMPLETE = 3
"""restic's exit status when it could not read a file, but made a snapshot of the others."""

ABSENT = re.compile(
    r"specified (bucket|key) does not exist|NoSuch(Key|Bucket)|repository does not exist"
)
PASSPHRASE = re.compile(r"wrong password or no key found")
LOCKED = re.compile(r"already locked")
CERTIFICATE = re.compile(r"x509|certificate|tls:", re.IGNORECASE)
REFUSED = re.compile(
    r"no user exists|access key|signature|access ?denied|forbidden|InvalidAccessKeyId",
    re.IGNORECASE,
)

ENDING = "the program is ending"
SUSPECT = re.compile(r"(?:want|[Pp]ack) ([0-9a-f]{64})\b")
# How restic's lines begin that say what is wrong.
WRONG = re.compile(r"Fatal:|error|pack|tree", re.IGNORECASE)


class OffsiteError(BackupError):
    """What keeps the bucket from being written or read, in one sentence."""


class NoRepository(OffsiteError):
    """The bucket answers, and has no repository at this place."""


class Locked(OffsiteError):
    """Another run works on the repository, or one that was killed left its lock."""


class Ending(OffsiteError):
    """The program was told to end, which says nothing about the bucket."""


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
    """A repository. `directory` is where restic keeps what it would read each time, and what it is
    about to send; without one it keeps little, in memory."""

    def __init__(self, config: OffsiteConfig, directory: Path | None = None) -> None:
        self._config = config
        self._directory = directory

    @property
    def address(self) -> str:
        return self._config.repository.removeprefix("s3:")

    def answers(self) -> None:
        """Raises OffsiteError where nothing answers. restic itself would try for 15 minutes."""
        url = urlsplit(self.address)
        host, port = url.hostname, url.port or (80 if url.scheme == "http" else 443)
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
                id=snapshot["id"],
                # restic writes nanoseconds, which Python does not read.
                time=datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", snapshot["time"])),
                tags=frozenset(snapshot.get("tags") or ()),
            )
            for snapshot in content
        ]
        return sorted(snapshots, key=lambda snapshot: snapshot.time)

    def backup(self, directory: Path, tags: Sequence[str], *options: str) -> int:
        """Make a snapshot of a directory's content; return the bytes that were added.

        The snapshot has names relative to the directory.
        """
        output = self._unlocked(
            "backup", ".", "--json", f"--host={HOST}", f"--tag={','.join(tags)}",
            # A hard link changes when its file says that it changed.
            "--ignore-ctime", *options,
            directory=directory,
        )  # fmt: skip
        return int(json.loads(output.splitlines()[-1])["data_added"])

    def restore(self, snapshot: Snapshot, target: Path, *options: str) -> None:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.run("restore", snapshot.id, f"--target={target}", "--no-lock", *options)

    def size(self, snapshot: Snapshot) -> int:
        """The bytes that a restore of the snapshot writes."""
        output = self.run("stats", snapshot.id, "--json", "--no-lock", "--mode=restore-size")
        return int(json.loads(output)["total_size"])

    def forget(self, snapshots: Sequence[Snapshot]) -> None:
        if snapshots:
            self._unlocked("forget", *(snapshot.id for snapshot in snapshots))

    def prune(self) -> None:
        """Remove what no snapshot has. A tenth may stay, so that little is written again."""
        self._unlocked("prune", "--max-unused=10%")

    def check(self, share: str | None) -> None:
        """Prove the structure, and the content of a share such as `3/14` or `100%`."""
        self._unlocked("check", *((f"--read-data-subset={share}",) if share else ()))

    def suspects(self) -> list[str]:
        """The ids of the files with content about which a check complains. It also complains about
        a whole file of which a download failed."""
        self.answers()
        with self._environment() as environment:
            command = [*self._command(), "check", "--read-data"]
            _, output, errors = _run(command, environment, None)
        return sorted(set(SUSPECT.findall(output + errors)))

    def forget_missing(self) -> None:
        """Forget content that is gone, so that a backup sends it again."""
        self._unlocked("rebuild-index")

    def run(self, *arguments: str, directory: Path | None = None) -> str:
        """The output of restic. Raises OffsiteError with what went wrong."""
        self.answers()
        with self._environment() as environment:
            code, output, errors = _run([*self._command(), *arguments], environment, directory)
        if code and _stopping.is_set():
            raise Ending(ENDING)
        if code:
            raise self._error(arguments[0], code, errors or output)
        return output

    def _unlocked(self, *arguments: str, directory: Path | None = None) -> str:
        """Run restic; where a lock is in the way, remove it if the run that made it is gone.

        restic removes a lock that is older than half an hour, or whose process on this host ended.
        """
        try:
            return self.run(*arguments, directory=directory)
        except Locked:
            self.run("unlock")
            return self.run(*arguments, directory=directory)

    def _command(self) -> list[str]:
        config = self._config
        command = ["restic", f"--repo={config.repository}", "--option=s3.connections=2"]
        if config.region:
            command.append(f"--option=s3.region={config.region}")
        if config.ca_file:
            command.append(f"--cacert={config.ca_file}")
        if self._directory:
            return [*command, f"--cache-dir={self._directory / 'cache'}"]
        return [*command, "--no-cache", "--pack-size=4"]

    @contextmanager
    def _environment(self) -> Iterator[dict[str, str]]:
        """The variables of restic, which name files. The file with the keys lives as long as it."""
        config = self._config
        with tempfile.TemporaryDirectory(prefix="offsite-", dir=SCRATCH) as folder:
            temporary = self._directory / "temporary" if self._directory else Path(folder)
            temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
            credentials = Path(folder) / "credentials"
            descriptor = os.open(credentials, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                # Between backticks a value has no other meaning than its own.
                file.write(
                    "[default]\n"
                    f"aws_access_key_id = `{config.access_key_file.read_text().strip()}`\n"
                    f"aws_secret_access_key = `{config.secret_key_file.read_text().strip()}`\n"
                )
            yield {
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": folder,
                "TMPDIR": str(temporary),
                "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
                "RESTIC_PASSWORD_FILE": str(config.passphrase_file),
                **FRUGAL,
            }

    def _error(self, command: str, code: int, errors: str) -> OffsiteError:
        said = _last(errors)
        if ABSENT.search(errors):
            return NoRepository(f"{self.address} has no backups")
        if PASSPHRASE.search(errors):
            return OffsiteError(
                f"{self.address} was made with another passphrase than the secret backup-passphrase"
            )
        if LOCKED.search(errors):
            return Locked(f"{self.address} is locked by another run: {said}")
        if CERTIFICATE.search(errors):
            return OffsiteError(f"{self.address}: its certificate is not trusted: {said}")
        if REFUSED.search(errors):
            return OffsiteError(
                f"{self.address}: the server rejects backup-access-key or backup-secret-key: {said}"
            )
        if code == INCOMPLETE:
            return OffsiteError(f"some files could not be read, and the others were sent: {said}")
        return OffsiteError(f"restic {command} on {self.address} failed: {said}")


_running: set["subprocess.Popen[str]"] = set()
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
        raise Ending(ENDING)
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
    """What was wrong: the lines that say so, or the last one."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    fatal = [line for line in lines if WRONG.match(line)] or lines[-1:]
    return " ".join(line.removeprefix("Fatal: ") for line in fatal[:3])
