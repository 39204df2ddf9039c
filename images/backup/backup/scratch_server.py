"""A small server on recovered data: for a restore with a port, and for a drill without one."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from backup.errors import BackupError
from backup.layout import SCRATCH, program, replace
from backup.server import ServerAway, Session, connection_string

SUPERUSER = "postgres"
SMALL = {
    "shared_buffers": "16MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "16MB",
    "max_wal_size": "256MB",
    # A server that was cloned from this one continues its timeline, and WAL is received from here.
    "wal_keep_size": "1GB",
    "max_connections": "20",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "max_wal_senders": "4",
    "max_replication_slots": "4",
    # WAL may prepare as many transactions as the original server allowed. Recovery ends where this
    # is too small, and their locks take memory by the two limits below.
    "max_prepared_transactions": "1000",
    "max_locks_per_transaction": "64",
    "max_pred_locks_per_transaction": "10",
    # Settings of the original server that would need something which is not here.
    "shared_preload_libraries": "",
    "session_preload_libraries": "",
    "local_preload_libraries": "",
    "archive_mode": "off",
    "primary_conninfo": "",
    "synchronous_standby_names": "",
    "ssl": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "jit": "off",
    # Connections begin when recovery has ended, so no setting of the original limits these here.
    "hot_standby": "off",
}


@dataclass(frozen=True, kw_only=True)
class ScratchServer:
    """`listens` and `allowed` are for clients over the network; the superuser uses the socket."""

    name: str
    data: Path
    port: int
    listens: str = ""
    allowed: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def sockets(self) -> Path:
        return SCRATCH / self.name

    @property
    def log(self) -> Path:
        return self.data.parent / "server.log"

    def start(self) -> None:
        """Start it; return when it has recovered. Raises BackupError with the end of its log."""
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        hba = self.sockets / "pg_hba.conf"
        lines = ("local all postgres peer", *self.allowed)
        replace(hba, "\n".join(lines) + "\n")
        options = {
            **SMALL,
            "listen_addresses": self.listens,
            "port": str(self.port),
            "unix_socket_directories": str(self.sockets),
            "hba_file": str(hba),
            "ident_file": "/dev/null",
            **self.options,
        }
        arguments = [f"-c{name}={value}" for name, value in options.items()]
        # One that a killed container left says nothing about this one.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        with self.log.open("w") as output:
            process = subprocess.Popen(
                [str(program("postgres")), f"-D{self.data}", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # It outlives a command that ends, and no signal for that one is for it.
                start_new_session=True,
            )
        self._until_ready(process)

    def stop(self) -> None:
        pid = self._pid()
        if pid is not None:
            os.kill(pid, signal.SIGINT)
        while self.running():
            time.sleep(0.1)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def running(self) -> bool:
        return self._pid() is not None

    @contextmanager
    def session(self, database: str = "postgres") -> Iterator[Session]:
        """A session of the superuser."""
        pairs = {"host": self.sockets, "port": self.port, "user": SUPERUSER, "dbname": database}
        session = Session(connection_string(pairs))
        try:
            yield session
        finally:
            session.close()

    def databases(self) -> list[str]:
        with self.session() as session:
            rows = session.rows(
                "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate "
                "ORDER BY datname"
            )
        return [name for (name,) in rows]

    def _pid(self) -> int | None:
        """The process of the server, if it lives."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
            return None
        return pid if f"-D{self.data}".encode() in words else None

    def _until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end of recovery, whose time depends on the amount of WAL."""
        while process.poll() is None:
            time.sleep(0.2)
            try:
                with self.session():
                    return
            except ServerAway:
                continue
        raise BackupError(f"the recovered data does not start: {self._reason()}")

    def _reason(self) -> str:
        """The lines of its log that say why it ended."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "it said nothing"
        severe = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return " | ".join((severe or lines)[-3:])
