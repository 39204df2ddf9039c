"""Copies the volumes of a service to the bucket, each in snapshots of its own."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backup import config as configuration
from backup import lock
from backup.config import OffsiteConfig, Section
from backup.errors import BackupError
from backup.offsite import objects, owner
from backup.offsite.keep import DAY, grouped, share, superseded
from backup.offsite.owner import OWN, OtherVolume
from backup.offsite.restic import OffsiteError, Repository, Snapshot

PATH = Path("/etc/backup/files.json")
VOLUME = "volume-"
NOT_COPIED = {OWN, "lost+found"}
LOCK = Path("/tmp/files.lock")
# Seconds that a copy waits for another one of this container.
WAIT = 900.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FilesConfig:
    """The volumes of a service by name. `requests` is where the backup part says what is to be
    brought back."""

    service: str
    volumes: Mapping[str, Path]
    days: int
    requests: str | None
    offsite: OffsiteConfig


def load(path: Path = PATH) -> FilesConfig:
    section = Section(name="", values=json.loads(path.read_text()), path=path)
    volumes = section.section("volumes")
    return FilesConfig(
        service=section.text("service"),
        volumes={name: Path(volumes.text(name)) for name in volumes.values},
        days=section.number("days"),
        requests=section.text("requests") if section.has("requests") else None,
        offsite=configuration.bucket(section.section("offsite")),
    )


@dataclass(frozen=True, kw_only=True)
class Result:
    """How the last copy ended. Times are seconds since 1970."""

    at: float
    ok: bool
    reason: str | None = None


class Copies:
    """`complete` is the moment up to which the bucket has everything."""

    def __init__(self, config: FilesConfig) -> None:
        self.repository = Repository(config.offsite)
        self._config = config
        self._kept_at = 0.0
        self._damage: str | None = None
        self.complete: float | None = None
        self.result: Result | None = None

    def run(self, *, keep: bool = True, adopt: bool = False) -> None:
        """Copy, and once a day put the bucket in order. Raises OffsiteError after it is noted.

        Without `keep` only copy: a copy on demand takes nothing away. With `adopt` copy also beside
        the copies of another volume, and go on from there.
        """
        # Two that begin at once would both make the repository, and neither could read it.
        with lock.only(LOCK, "files now", wait=WAIT):
            started = time.time()
            try:
                self._copy(adopt)
                self.complete = started
                if keep and started - self._kept_at > DAY:
                    self._kept_at = started
                    self.keep()
            except OffsiteError as error:
                self.result = Result(at=time.time(), ok=False, reason=str(error))
                log.error("%s", error)
                raise
            self.result = Result(at=time.time(), ok=self._damage is None, reason=self._damage)

    def repair(self) -> None:
        """Send again what is damaged in the bucket, as far as the volumes have it."""
        with lock.only(LOCK, "files now --repair", wait=WAIT):
            objects.remove_damaged(self._config.offsite, self.repository)
            self._copy(False, "--force")
            self.repository.check("100%")

    def keep(self) -> None:
        """Remove from the bucket what is too old, and prove a share of what it has."""
        now = datetime.now(UTC)
        old = self._too_old(self.repository.snapshots(), now)
        self.repository.forget(old)
        self.repository.prune()
        try:
            self.repository.check(share(now))
        except OffsiteError as error:
            self._damage = str(error)
            raise
        self._damage = None

    def _copy(self, adopt: bool, *options: str) -> None:
        if self.repository.ensure():
            log.info("made the repository %s", self.repository.address)
            self._kept_at = time.time()
        copies = grouped(self.repository.snapshots(), lambda one: one.value(VOLUME))
        others = []
        for name, path in self._config.volumes.items():
            if not path.is_dir():
                raise BackupError(f"{path} is not a directory")
            identity = owner.read(path)
            empty = not {entry.name for entry in path.iterdir()} - NOT_COPIED
            other = owner.newest(copies.get(name, ())) not in (identity, None)
            if other and (empty or not adopt):
                others.append(name)
            if empty or name in others:
                continue  # restic makes no empty snapshot
            # restic compares these patterns with whole paths.
            excluded = (f"--exclude={path}/{one}" for one in sorted(NOT_COPIED))
            tags = (f"{VOLUME}{name}", f"{owner.TAG}{identity}")
            added = self.repository.backup(path, tags, *excluded, *options)
            log.info("copied %s, %d bytes", name, added)
        if others:
            raise OtherVolume(
                f"the bucket has copies of another {', '.join(others)}, as after a lost volume and "
                f"in a new stack: `make restore FILES={self._config.service}` brings its files "
                "back, and `backup files now --adopt` beside the service goes on with those of "
                "this volume, once it has some"
            )

    def _too_old(self, snapshots: list[Snapshot], now: datetime) -> list[Snapshot]:
        """A volume that the service no longer has stays for twice as long."""
        days, old = self._config.days, []
        for volume, group in grouped(snapshots, lambda one: one.value(VOLUME)).items():
            gone = volume not in self._config.volumes
            if gone and all(one.time < now - timedelta(days=2 * days) for one in group):
                old += group
            else:
                old += superseded(group, days=days, now=now)
        return old
