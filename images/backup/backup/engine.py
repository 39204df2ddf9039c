"""Barman: its configuration, and its commands. One of its servers is the catalogue of one system.

Barman's own daemon for WAL is not used: the receiver (receiver.py) streams into Barman's directory.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backup.config import Config
from backup.layout import SCRATCH, Layout, program, replace
from backup.programs import run
from backup.server import APPLICATION, SLOT, Server

CONFIGURATION = SCRATCH / "barman.conf"
PREFIX = "platform-"


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The backups and the WAL of the server with one system identifier."""

    layout: Layout
    system: str

    @property
    def name(self) -> str:
        """Barman's name for it."""
        return f"{PREFIX}{self.system}"

    @property
    def directory(self) -> Path:
        return self.layout.catalogues / self.name

    @property
    def streaming(self) -> Path:
        """Where the receiver writes."""
        return self.directory / "streaming"

    @property
    def wals(self) -> Path:
        return self.directory / "wals"

    def base(self, backup: str) -> Path:
        return self.directory / "base" / backup

    @property
    def receiver_lock(self) -> Path:
        """Who holds it streams this server's WAL, as far as Barman is concerned."""
        return SCRATCH / f".{self.name}-receive-wal.lock"


def catalogues(layout: Layout) -> list[Catalogue]:
    return [
        Catalogue(layout=layout, system=path.name.removeprefix(PREFIX))
        for path in sorted(layout.catalogues.glob(f"{PREFIX}*"))
    ]


def received(catalogue: Catalogue) -> float:
    """When the last of its WAL was written here, in seconds since 1970."""
    written = [path.stat().st_mtime for path in catalogue.streaming.glob("*")]
    return max(written, default=0.0)


def newest(layout: Layout) -> Catalogue | None:
    """The catalogue to which WAL came last."""
    return max(catalogues(layout), key=received, default=None)


def write(config: Config, layout: Layout, server: Server, system: str | None) -> None:
    """Write Barman's configuration, with a section for each catalogue and for this system."""
    systems = {catalogue.system for catalogue in catalogues(layout)} | (
        {system} if system else set()
    )
    server.write_password()
    lines = [
        "[barman]",
        "barman_user = postgres",
        f"barman_home = {layout.catalogues}",
        f"barman_lock_directory = {SCRATCH}",
        "log_level = WARNING",
    ]
    for name in sorted(systems):
        lines += ["", *_section(config, server, Catalogue(layout=layout, system=name))]
    replace(CONFIGURATION, "\n".join(lines) + "\n")


def _section(config: Config, server: Server, catalogue: Catalogue) -> Iterator[str]:
    yield f"[{catalogue.name}]"
    yield "description = the server with this system identifier"
    yield f"conninfo = {server.dsn()}"
    yield f"streaming_conninfo = {server.dsn()}"
    yield "backup_method = postgres"
    yield "streaming_archiver = on"
    yield f"streaming_archiver_name = {APPLICATION}"
    yield f"slot_name = {SLOT}"
    yield f"path_prefix = {program('')}"
    # Without it, a backup waits minutes for a checkpoint.
    yield "immediate_checkpoint = true"
    yield f"retention_policy = RECOVERY WINDOW OF {config.retention.days} DAYS"
    yield f"minimum_redundancy = {config.retention.count}"


def barman(*arguments: str, seconds: float | None = None) -> str:
    return run("barman", "--quiet", "--config", CONFIGURATION, *arguments, seconds=seconds)


def answer(*arguments: str) -> Any:
    """What a command of Barman answers as JSON."""
    return json.loads(run("barman", "--config", CONFIGURATION, "--format", "json", *arguments))


def obsolete(catalogue: Catalogue) -> list[str]:
    """The ids of the backups that the retention no longer needs."""
    rows = answer("list-backups", catalogue.name)[catalogue.name]
    return sorted(row["backup_id"] for row in rows if row.get("retention_status") == "OBSOLETE")


def list_wal(catalogue: Catalogue) -> None:
    """Let Barman list the WAL files that are in the catalogue. Barman of another release had the
    list under another name, as when the server went back to an earlier PostgreSQL."""
    if catalogue.wals.is_dir():
        barman("rebuild-xlogdb", catalogue.name)


def archive(catalogue: Catalogue) -> None:
    """Move the complete WAL files from where they were received into the catalogue."""
    barman("archive-wal", catalogue.name)
