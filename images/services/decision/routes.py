"""The routes of the service."""

import time

import numpy as np
from fastapi import APIRouter, Response
from pydantic import SecretStr

from decision.classifier import Model, outcome
from decision.schemas import ModelCard, Verdict
from service import tokens
from service.metrics import Metrics
from service.schemas import Observation


def decide_routes(token: SecretStr, model: Model) -> APIRouter:
    """Routes that require the token."""
    router = APIRouter(route_class=tokens.protected(token))

    @router.post("/decide")
    async def decide(observation: Observation) -> Verdict:
        started = time.perf_counter()
        digit, confidence = model.decide(np.array(observation.pixels))
        return Verdict(
            label=str(digit),
            confidence=round(confidence, 4),
            outcome=outcome(confidence),
            model=model.name,
            latency_ms=round((time.perf_counter() - started) * 1000, 3),
        )

    return router


def open_routes(card: ModelCard, metrics: Metrics) -> APIRouter:
    """Routes that are open to the whole network."""
    router = APIRouter()

    @router.get("/model")
    async def describe() -> ModelCard:
        return card

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/ready")
    async def ready() -> dict[str, str]:
        """Ready since it serves: the model is loaded and measured before that."""
        return {"status": "ready"}

    @router.get("/metrics")
    async def figures() -> Response:
        return metrics.answer(healthy=True)

    return router
