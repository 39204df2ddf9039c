"""The route that returns the platform's status to everyone."""

import asyncio
import time

from fastapi import APIRouter

from backend.cache import Cache
from backend.database import Database, DatabaseDownError
from backend.decider import Decider
from backend.schemas import Part, Status
from backend.settings import Settings

# Seconds for which an answer is reused, so that frequent requests do not load the other servers.
FRESH = 2.0


def routes(settings: Settings, database: Database, cache: Cache, decider: Decider) -> APIRouter:
    router = APIRouter()
    lock = asyncio.Lock()
    last: Status | None = None
    asked_at = 0.0

    async def ask() -> Status:
        database_up, cache_up, decision = await asyncio.gather(
            _up(database), cache.up(), decider.describe()
        )
        everything = database_up and cache_up and decision.up
        return Status(
            status="ok" if everything else "degraded" if database_up else "down",
            version=settings.version,
            environment=settings.environment,
            database=Part(up=database_up),
            cache=Part(up=cache_up),
            decision=decision,
        )

    @router.get("/api/status")
    async def status() -> Status:
        nonlocal last, asked_at
        async with lock:
            if last is None or time.monotonic() - asked_at >= FRESH:
                last = await ask()
                asked_at = time.monotonic()
            return last

    return router


async def _up(database: Database) -> bool:
    try:
        await database.check()
    except DatabaseDownError:
        return False
    return True
