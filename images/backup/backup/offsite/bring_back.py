"""Brings a copy back into a volume, and keeps what was there beside it.

It can be interrupted at any moment: the next run goes on. What was there is moved, not copied and
not removed.
"""

import json
import logging
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from backup import layout
from backup.errors import BackupError
from backup.offsite import owner, requests
from backup.offsite.files import FilesConfig
from backup.offsite.owner import OWN
from backup.offsite.requests import Request
from backup.offsite.restic import Repository

ASK_SECONDS = 3
REJECTED_SECONDS = 10
"""The policies of a busy cluster reject what a new pod sends until they know the pod."""
COPYING, ASIDE, MOVING, DONE = "copying", "aside", "moving", "done"

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the restore of this request is, in a file of the volume."""

    request: str
    phase: str
    before: str


def run(config: FilesConfig) -> None:
    """Do what is requested, and give each volume its id.

    Without a request, or where nobody answers, nothing is to be brought back.
    """
    for volume in config.volumes.values():
        owner.give(volume)
    request = _ask(config.requests) if config.requests else None
    if request is None:
        log.info("no request; nothing to do")
        return
    repository = Repository(config.offsite)
    copies = requests.copies(repository)
    snapshots = {one.id: one for volume in copies.values() for one in volume}
    for name, volume in config.volumes.items():
        copy = request.copies.get(name)
        if copy is None:
            continue
        snapshot = snapshots.get(copy)
        if snapshot is None:
            raise BackupError(f"the bucket no longer has the copy {copy} of {name}")
        size = repository.size(snapshot)

        def fetch(target: Path, snapshot=snapshot) -> None:  # type: ignore[no-untyped-def]
            repository.restore(snapshot, target)

        bring_back(volume, request.id, size, fetch)
        # Also where an earlier one is brought back: the next copy follows the newest.
        if other := owner.newest(copies[name]):
            owner.take(volume, other)


def bring_back(
    volume: Path, request: str, size: int, fetch: Callable[[Path], None], now: float | None = None
) -> None:
    own = volume / OWN
    own.mkdir(mode=0o700, exist_ok=True)
    progress = _read(own)
    if progress is None or progress.request != request:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        progress = Progress(request=request, phase=COPYING, before=f"before-{stamp}")
    restoring, before = own / "restoring", own / progress.before
    if progress.phase == COPYING:
        shutil.rmtree(restoring, ignore_errors=True)
        free = shutil.disk_usage(volume).free
        if free < size:
            raise BackupError(
                f"{volume} has {free >> 20} MiB left, and the copy takes {size >> 20} MiB. Nothing "
                "was changed"
            )
        _write(own, progress)
        fetch(restoring)
        progress = _write(own, replace(progress, phase=ASIDE))
    if progress.phase == ASIDE:
        before.mkdir(mode=0o700, exist_ok=True)
        _move(volume, before, without=(OWN, "lost+found"))
        progress = _write(own, replace(progress, phase=MOVING))
    if progress.phase == MOVING:
        if restoring.exists():
            _move(restoring, volume)
            restoring.rmdir()
        _write(own, replace(progress, phase=DONE))
        log.info("%s is restored; what was there is in %s", volume, before)


def last(volume: Path) -> str | None:
    """The request for which the volume was restored last, as far as that is done."""
    progress = _read(volume / OWN)
    return progress.request if progress and progress.phase == DONE else None


def _ask(url: str) -> Request | None:
    patience = REJECTED_SECONDS if "KUBERNETES_SERVICE_HOST" in os.environ else 0
    end = time.monotonic() + patience
    while True:
        try:
            # The address is of our own configuration.
            with urllib.request.urlopen(url, timeout=ASK_SECONDS) as answer:  # noqa: S310
                return Request.of(json.load(answer))
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise BackupError(f"{url} answers with status {error.code}") from None
        except OSError as error:
            if time.monotonic() >= end:
                log.info("%s does not answer: %s", url, error)
                return None
        time.sleep(0.5)


def _move(source: Path, target: Path, without: tuple[str, ...] = ()) -> None:
    for path in source.iterdir():
        if path.name not in without:
            path.rename(target / path.name)


def _read(own: Path) -> Progress | None:
    try:
        return Progress(**json.loads((own / "restore.json").read_text()))
    except FileNotFoundError:
        return None


def _write(own: Path, progress: Progress) -> Progress:
    layout.replace(own / "restore.json", json.dumps(asdict(progress)) + "\n")
    return progress
