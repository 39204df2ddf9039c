"""A stack whose databases are restored: its backup part, its workloads and its server, in memory.

Each call from outside can be interrupted, before or after it has had its effect.
"""

import json
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from operations import backups, database_server
from operations.database_server import DatabaseServer
from operations.restore import live as live_stack
from operations.restore import recovering
from operations.restore.live import LiveStack
from operations.workspace import Workspace
from tests.unit.describing import settings
from tests.unit.operations.backup_part import LIST

Answer = TypeVar("Answer")

STACK = {
    "api": {
        "services": {
            "sales": {
                "image": "acme/sales:1",
                "database": {},
                "release": {"command": ["migrate"]},
                "jobs": {"tidy": {"schedule": "* * * * *", "command": ["tidy"]}},
            }
        }
    }
}
WRITERS = ("backend", "sales", "sales-tidy")
OLD, NEW = 7, 3


class Interrupted(BaseException):
    """The verb was killed."""


@dataclass
class Simulation:
    """`rows` are those of the server's one table, and `target` what a recovery says that it has
    recovered. `interrupt` is the call that is interrupted, and
    `after` whether it has its effect."""

    rows: int = OLD
    cloned: str = ""
    recovered: dict[str, Any] | None = None
    opened: bool = False
    target: str = backups.LATEST
    begun: bool = False
    fails: bool = False
    unarrived: int = 0
    running: set[str] = field(default_factory=lambda: {"postgres", *WRITERS})
    marked: set[str] = field(default_factory=set)
    exists: bool = True
    other_system: bool = False
    unreached: int = 0
    lost_rows: int = 0
    backs_up: bool = False
    interrupt: int = 0
    after: bool = False
    calls: list[str] = field(default_factory=list)
    recoveries: int = 0
    wrote_meanwhile: list[str] = field(default_factory=list)

    def call(self, name: str, effect: Callable[[], Answer]) -> Answer:
        self.calls.append(name)
        hit = len(self.calls) == self.interrupt
        if hit and not self.after:
            raise Interrupted
        answer = effect()
        if hit:
            raise Interrupted
        return answer

    def start_server(self) -> None:
        """What the step does before the server starts."""
        if self.unreached:
            self.unreached -= 1
        elif self.recovered and self.opened and self.cloned != self.recovered["id"]:
            assert not self.running & {*WRITERS}
            self.cloned, self.rows = self.recovered["id"], NEW - self.lost_rows


@dataclass
class SimulatedPart:
    of: Simulation

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        if command[0] != backups.WORKLOAD:
            return self._note(command)
        words = [word for word in command[1:] if word != "--json"]
        answer = self.of.call(" ".join(words), getattr(self, f"_{words[0]}"))
        return json.dumps(answer)

    def _note(self, command: Sequence[str]) -> str:
        assert command[-1] == recovering.NOTE
        if command[0] == "sh":
            return "yes\n" if self.of.begun else ""
        begun = command[0] == "touch"
        self.of.call("note" if begun else "forget", partial(setattr, self.of, "begun", begun))
        return ""

    def _list(self) -> Mapping[str, Any]:
        reason = "`backup adopt` goes on with this server" if self.of.other_system else None
        archiving = {"state": "waiting" if reason else "streaming", "reason": reason}
        backup = {**LIST["backups"][0], "id": "20261130T220000", "begin": "2026-11-30T22:00:00Z"}
        made = [backup] if self.of.backs_up and self.of.rows == NEW else []
        return {
            **LIST,
            "backups": [*LIST["backups"], *made],
            "archiving": {**archiving, "lag_bytes": 0},
            "restore": self.of.recovered and {**self.of.recovered, "port": 5433},
        }

    def _recover(self) -> Mapping[str, Any]:
        if self.of.fails:
            raise subprocess.CalledProcessError(1, ["backup"], "", "the backup is damaged")
        self.of.recoveries += 1
        self.of.wrote_meanwhile = sorted(self.of.running & {*WRITERS})
        self.of.recovered = {"id": f"r{self.of.recoveries}", "target": self.of.target}
        self.of.opened = False
        return self._answer()

    def _open(self) -> Mapping[str, Any]:
        self.of.opened = True
        return self._answer()

    def _answer(self) -> Mapping[str, Any]:
        table = {"database": "platform", "table": "public.decisions", "rows": NEW}
        return {**(self.of.recovered or {}), "size": 1, "tables": [table]}

    def _discard(self) -> Mapping[str, Any]:
        self.of.recovered, self.of.opened, self.of.begun = None, False, False
        return {}

    def _adopt(self) -> Mapping[str, Any]:
        self.of.other_system = False
        return {}

    def _now(self) -> Mapping[str, Any]:
        return {"id": "20261130T220000"}


@dataclass
class SimulatedWorkloads:
    of: Simulation

    def running(self, names: Collection[str]) -> list[str]:
        return [name for name in WRITERS if name in names and name in self.of.running]

    def stopped(self) -> list[str]:
        return sorted(self.of.marked)

    def stop(self, names: Collection[str]) -> None:
        def mark() -> None:
            self.of.marked |= self.of.running & {*names}

        self.of.call(f"mark {' '.join(names)}", mark)
        self.of.call(f"stop {' '.join(names)}", lambda: self.of.running.difference_update(names))

    def start(self, names: Sequence[str]) -> None:
        for name in names:
            if name in self.of.marked:
                self.of.call(f"start {name}", partial(self._start, name))
                self.of.call(f"unmark {name}", partial(self.of.marked.discard, name))

    def _start(self, name: str) -> None:
        refused = self.of.fails or self.of.target != backups.LATEST
        if name in WRITERS and self.of.rows != NEW and not refused:
            raise AssertionError(f"{name} sees the old data")
        self.of.running.add(name)

    def wait_running(self, names: Collection[str], seconds: float) -> None:
        assert {*names} <= self.of.running

    def wait(self, names: Collection[str], seconds: float) -> None:
        assert {*names} <= self.of.running

    def has(self, workload: str, volume: str, step: str) -> bool:
        return self.of.exists

    def run_step(self, name: str, seconds: float) -> None:
        assert "postgres" not in self.of.running
        self.of.call(f"run {name}", self.of.start_server)

    def run_again(self, name: str, seconds: float) -> bool:
        assert "postgres" in self.of.running
        return self.of.call(f"run {name}", lambda: True)


@dataclass(frozen=True, kw_only=True)
class SimulatedServer(DatabaseServer):
    of: Simulation

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        self.of.call("set passwords", lambda: None)
        return ""

    def rows(
        self, sql: str, database: str = "postgres", variables: Mapping[str, str] | None = None
    ) -> list[list[str]]:
        if "postgres" not in self.of.running:
            raise subprocess.CalledProcessError(1, ["psql"], "", "it is down")
        if "pg_current_wal_insert_lsn" in sql:
            assert not self.of.running & {*WRITERS}
            return [["0/3000060"]]
        if "pg_stat_replication" in sql:
            assert variables == {"receiver": "backup", "position": "0/3000060"}
            self.of.unarrived -= 1
            return self.of.call("arrived", lambda: [["0" if self.of.unarrived >= 0 else "1"]])
        if "pg_is_in_recovery" in sql:
            return [["f"]]
        if "pg_database" in sql:
            return [["platform"]]
        return [["public.decisions", str(self.of.rows)]]


@dataclass
class SimulatedContainer:
    of: Simulation

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        script = command[2]
        if "restored.id" in script:
            return f"{self.of.cloned}\n"
        if "df " in script:
            return "9999999"
        return "2048\tpgdata.before-20261130T215900Z\n"


def live(simulation: Simulation, monkeypatch: pytest.MonkeyPatch) -> LiveStack:
    """The simulated stack, as verbs find it."""
    server = SimulatedServer(inside=SimulatedContainer(simulation), of=simulation)
    monkeypatch.setattr(database_server, "of", lambda *_: server)
    workloads, part = SimulatedWorkloads(simulation), SimulatedPart(simulation)
    return replace(_described(), workloads=workloads, part=part)


@cache
def _described() -> LiveStack:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backups, "part", lambda *_: SimulatedPart(Simulation()))
        return live_stack.of(Workspace.of("dev"), settings(STACK))
