"""Assembles the application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from fastapi import FastAPI
from redis.asyncio import Redis

from backend import cache, decisions, health, status
from backend.database import Database
from backend.decider import Decider
from backend.metrics import DecisionMetrics
from backend.settings import Settings
from service import errors
from service.environment import start
from service.metrics import Metrics
from service.middleware import RequestMiddleware
from service.serve import serve

PORT = 8000
DATA = Path("/app/data")
# Bytes. An observation with 64 full-precision numbers is smaller than 2 KiB.
MAX_BODY = 16 * 1024


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    redis: Redis | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Tests replace `database`, `redis` and `transport` (to the decision service)."""
    metrics = Metrics(disk=DATA if DATA.exists() else Path("/"))
    store = database or Database(settings.database_url, settings.database_pool_size)
    recent = cache.Cache(
        redis or cache.connect(settings.redis_url, settings.cache_pool_size),
        settings.cache_ttl_seconds,
        metrics.registry,
    )
    decider = Decider(settings.decision_url, settings.api_token, transport)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await store.open()
        yield
        await decider.close()
        await recent.close()
        await store.close()

    app = FastAPI(
        title="AI decision platform",
        version=settings.version,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        # A redirect would name the address that this process sees, without the client's scheme and
        # port.
        redirect_slashes=False,
    )
    app.add_middleware(RequestMiddleware, metrics=metrics, max_body=MAX_BODY)
    errors.install(app)
    decision_metrics = DecisionMetrics(metrics.registry)
    for router in (
        health.routes(store, recent, metrics),
        status.routes(settings, store, recent, decider),
        decisions.routes(settings.api_token, store, recent, decider, decision_metrics),
    ):
        app.include_router(router)
        metrics.expect(router)
    return app


def run() -> None:
    """Serve with the settings from the environment, until SIGTERM."""
    serve(create_app(start(Settings)), PORT)
