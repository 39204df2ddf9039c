"""Assembles the application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import numpy as np
from fastapi import FastAPI

from decision import camera, classifier, digits, vision
from decision.metrics import ModelMetrics
from decision.routes import decide_routes, open_routes
from decision.schemas import ModelCard
from decision.settings import Settings
from service import errors
from service.environment import start
from service.metrics import Metrics
from service.middleware import RequestMiddleware
from service.serve import serve

log = logging.getLogger(__name__)

PORT = 8001
# Bytes. An observation with 64 full-precision numbers is smaller than 2 KiB.
MAX_BODY = 16 * 1024


def create_app(settings: Settings) -> FastAPI:
    """Load the model and measure it, so that the reported accuracy is that of the serving model."""
    training, evaluation = digits.load()
    model = classifier.load()
    card = ModelCard(
        name=model.name,
        version=settings.version,
        accuracy=model.accuracy(evaluation),
        evaluation_size=len(evaluation.labels),
    )
    metrics = Metrics(disk=Path("/"))
    figures = ModelMetrics(metrics.registry)
    # All releases use one name, so that a worse release shows as a drop.
    figures.measured_model(classifier.FAMILY, card.accuracy)
    measure = partial(
        vision.measure, model, vision.Tracker(training), evaluation, np.random.default_rng()
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(
            camera.watch(measure, figures, settings.measure_interval_seconds)
        )
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    app = FastAPI(
        title="Decision service",
        version=settings.version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        # A redirect would name the address that this process sees, without the client's scheme and
        # port.
        redirect_slashes=False,
    )
    app.add_middleware(RequestMiddleware, metrics=metrics, max_body=MAX_BODY)
    errors.install(app)
    for router in (decide_routes(settings.api_token, model), open_routes(card, metrics)):
        app.include_router(router)
        metrics.expect(router)
    log.info("model %s: accuracy %.4f on %d images", card.name, card.accuracy, card.evaluation_size)
    return app


def run() -> None:
    """Serve with the settings from the environment, until SIGTERM."""
    serve(create_app(start(Settings)), PORT)
