"""Checks on the engine itself whether the containers of an `up` have started well.

The provider could wait for healthy containers too. But it only knows that its time is over, and not
that a container restarts in a loop. It also forgets a container that it does not change.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import pulumi
from pulumi.output import Unknown

from components.stack_name import name_in_commands
from components.targets.docker import failure
from components.targets.docker.containers import STOPPED_FOR_A_WHILE

# Seconds between two questions. All containers that are awaited share a question.
PERIOD = 0.5
# After so many restarts, a container that waits for the next one is in a loop. The engine waits
# 0.1 s before the first restart, and twice as long before each further one, up to a minute.
LOOP = 5
# Seconds that it must then run before it is no longer in a loop.
STEADY = 60

Answer = TypeVar("Answer")
Inspected = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Start:
    """A container that `up` waits for, at most for `patience` seconds.

    `healths` are those with which it has started well. The health of a scheduler says how the last
    run ended.
    """

    name: str
    patience: int
    healths: tuple[str, ...] = ("healthy",)


@dataclass(kw_only=True)
class Starts:
    """The starts on the engine of this docker command."""

    engine: Sequence[str]
    _changed: set[str] = field(default_factory=set)
    _awaited: set[str] = field(default_factory=set)
    _question: asyncio.Task[dict[str, Inspected | None]] | None = None
    # Each of the SDK's own threads may be waiting for a resource.
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=2))

    def hooks(self, start: Start) -> pulumi.ResourceHookBinding:
        """Hooks that note that this update created or changed the container. They never wait: the
        engine locks a container's state until its hooks return, and saves no other state before
        that. It would start nothing else, and leave deleted what it was about to replace."""

        def note(_: pulumi.ResourceHookArgs) -> None:
            self._changed.add(start.name)

        hook = pulumi.ResourceHook(f"start of {start.name}", note)
        return pulumi.ResourceHookBinding(after_create=[hook], after_update=[hook])

    def started(
        self, start: Start, container: pulumi.CustomResource
    ) -> pulumi.Output[pulumi.CustomResource]:
        """The container, once it runs well if this update changed it. What starts after it depends
        on this. Fails `up` otherwise."""

        async def check(exists: bool) -> pulumi.CustomResource:
            if exists and start.name in self._changed:
                await self.finish(start)
            return container

        return _exists(container).apply(check)

    def confirm(
        self, containers: Sequence[tuple[Start, pulumi.CustomResource]]
    ) -> pulumi.Output[None]:
        """Fail `up` at its end unless every container runs well, whether it changed or not."""

        async def check(existing: Sequence[bool]) -> None:
            pairs = zip(containers, existing, strict=True)
            await asyncio.gather(*(self.finish(start) for (start, _), exists in pairs if exists))

        return pulumi.Output.all(*(_exists(container) for _, container in containers)).apply(check)

    async def finish(self, start: Start) -> None:
        """Wait until the container runs well. Raises RunError as soon as waiting is hopeless, or
        takes longer than its patience, and logs what the engine knows."""
        begin = time.monotonic()
        self._awaited.add(start.name)
        try:
            while missing := lack(container := await self._inspect(start.name), start.healths):
                waited = time.monotonic() - begin
                if missing.for_good or waited > start.patience:
                    report = failure.report_of, self.engine, start.name, container
                    pulumi.log.error(await self._in_thread(*report))
                    raise pulumi.RunError(f"{start.name} {missing.what} ({waited:.0f} s)")
                # Everybody asks at the same time, and therefore shares one question.
                await asyncio.sleep(PERIOD - time.monotonic() % PERIOD)
        finally:
            self._awaited.discard(start.name)

    async def _inspect(self, name: str) -> Inspected | None:
        """What the engine knows about a container that is awaited; None if it does not exist."""
        while True:
            if self._question is None or self._question.done():
                names = sorted(self._awaited)
                self._question = asyncio.ensure_future(
                    self._in_thread(failure.inspect, self.engine, names)
                )
            answer = await asyncio.shield(self._question)
            if name in answer:
                return answer[name]

    async def _in_thread(self, function: Callable[..., Answer], *arguments: Any) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: function(*arguments)
        )


def _exists(container: pulumi.CustomResource) -> pulumi.Output[bool]:
    """A container that `--target` leaves out has no id if it was never created."""
    return container.id.apply(lambda id: not isinstance(id, Unknown), run_with_unknowns=True)


@dataclass(frozen=True, kw_only=True)
class Lack:
    """What a container lacks to run well, after its name in a sentence. `for_good`: waiting does
    not help."""

    what: str
    for_good: bool = False


def lack(container: Inspected | None, healths: tuple[str, ...] = ("healthy",)) -> Lack | None:
    """None if the container lacks nothing. The engine restarts every container that it was not
    asked to stop. While a verb has stopped one, such as `make restore`, an update of other
    containers does not ask for it."""
    if container is None:
        return Lack(what="does not exist", for_good=True)
    state = container["State"]
    status, health = state["Status"], (state.get("Health") or {}).get("Status")
    if status == "restarting" and container["RestartCount"] >= LOOP:
        return Lack(what="restarts in a loop", for_good=True)
    if status == "exited" and _policy(container) == STOPPED_FOR_A_WHILE:
        return None
    if status in ("created", "exited", "dead"):
        what = f"is {status}; make up STACK={name_in_commands()} starts it again"
        return Lack(what=what, for_good=True)
    if status != "running":
        return Lack(what=f"is {status}")
    if container["RestartCount"] >= LOOP and _age(state["StartedAt"]) < STEADY:
        return Lack(what="restarts in a loop")
    return None if health in (None, *healths) else Lack(what=f"is running, but {health}")


def _policy(container: Inspected) -> str:
    return str(container["HostConfig"]["RestartPolicy"]["Name"])


def _age(start: str) -> float:
    """The seconds since a time in the engine's notation. Its fractions may have nine digits."""
    return (datetime.now(UTC) - datetime.fromisoformat(f"{start[:19]}+00:00")).total_seconds()
