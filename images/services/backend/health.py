"""The routes for probes and Prometheus: health, readiness, metrics."""

import asyncio
import logging

from fastapi import APIRouter, Response

from backend.cache import Cache
from backend.database import Database, DatabaseDownError
from service.errors import reply
from service.metrics import Metrics

log = logging.getLogger(__name__)


def routes(database: Database, cache: Cache, metrics: Metrics) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    was_ready: bool | None = None

    async def is_ready() -> bool:
        """Check the database, and log only changes of the result."""
        nonlocal was_ready
        reason = ""
        try:
            await database.check()
        except DatabaseDownError as error:
            reason = str(error)
        ready = not reason
        if ready != was_ready:
            was_ready = ready
            if ready:
                log.info("ready")
            else:
                log.warning("not ready: %s", reason)
        return ready

    @router.get("/health")
    async def health() -> dict[str, str]:
        """Check no other service: a restart would not bring the database back."""
        return {"status": "ok"}

    @router.get("/ready", response_model=None)
    async def ready() -> Response | dict[str, str]:
        if await is_ready():
            return {"status": "ready"}
        return reply(503, "not_ready", "The database does not answer.")

    @router.get("/metrics")
    async def figures() -> Response:
        database_up, cache_up = await asyncio.gather(is_ready(), cache.up())
        reached = {"database": database_up, "cache": cache_up}
        return metrics.answer(healthy=database_up, dependencies=reached)

    return router
