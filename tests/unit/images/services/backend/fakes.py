"""Fakes for the servers behind the backend. They hold data in memory and can be down."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import httpx2
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from backend.database import Database, DatabaseDownError
from backend.schemas import Decision, Verdict
from service.schemas import Observation

TOKEN = "a-marked-token"
SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}
OBSERVATION = {"source": "camera-1", "pixels": [0, 16, 7.5, *[0] * 61]}
VERDICT = {
    "label": "7",
    "confidence": 0.98,
    "outcome": "accept",
    "model": "digits-test",
    "latency_ms": 1.2,
}
MODEL = {"name": "digits-test", "version": "1", "accuracy": 0.94, "evaluation_size": 600}
START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeDatabase(Database):
    def __init__(self) -> None:
        super().__init__(SecretStr("postgresql://nowhere"), 1)
        self.stored: list[Decision] = []
        self.down = False
        self.opened = self.closed = False

    async def open(self) -> None:
        self.opened = True

    async def close(self) -> None:
        self.closed = True

    async def check(self) -> None:
        if self.down:
            raise DatabaseDownError("refused")

    async def add(self, decision_id: UUID, observation: Observation, verdict: Verdict) -> Decision:
        await self.check()
        decision = Decision(
            **verdict.model_dump(),
            id=decision_id,
            created_at=START + timedelta(seconds=len(self.stored)),
            source=observation.source,
        )
        self.stored.append(decision)
        return decision

    async def get(self, decision_id: UUID) -> Decision | None:
        await self.check()
        return next((decision for decision in self.stored if decision.id == decision_id), None)

    async def page(self, limit: int, before: UUID | None) -> list[Decision]:
        await self.check()
        newest = self.stored[::-1]
        if before is not None:
            newest = newest[[decision.id for decision in newest].index(before) + 1 :]
        return newest[:limit]


class FakeRedis:
    def __init__(self) -> None:
        self.stored: dict[str, str] = {}
        self.lifetimes: list[int] = []
        self.requests = 0
        self.down = False

    @property
    def redis(self) -> Redis:
        return cast(Redis, self)

    async def get(self, key: str) -> str | None:
        self._ask()
        return self.stored.get(key)

    async def set(self, key: str, value: str, ex: int) -> None:
        self._ask()
        self.stored[key] = value
        self.lifetimes.append(ex)

    async def ping(self) -> bool:
        self._ask()
        return True

    async def aclose(self) -> None:
        pass

    def _ask(self) -> None:
        self.requests += 1
        if self.down:
            raise RedisConnectionError("refused")


@dataclass
class FakeDecisionService:
    """Answers like the decision service. Each of the `failures` answers one request first."""

    failures: list[Exception | httpx2.Response] = field(default_factory=list)
    requests: list[httpx2.Request] = field(default_factory=list)

    @property
    def transport(self) -> httpx2.MockTransport:
        return httpx2.MockTransport(self._answer)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        return httpx2.Response(200, json=MODEL if request.url.path == "/model" else VERDICT)
