"""The application, put together."""

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
# Bytes. An observation of 64 numbers written in full takes under 2 KiB.
MAX_BODY = 16 * 1024


def create_app(settings: Settings) -> FastAPI:
    """Loads the model and measures it, so that what is shown is what serves."""
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
    # Under one name for every release, so that one that is worse is seen as a fall.
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
        # It would send a client to an address of this process's own view: without the port and the
        # scheme that the client used.
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
    """Serve as the environment says, until SIGTERM."""
    serve(create_app(start(Settings)), PORT)
