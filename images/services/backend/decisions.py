"""The routes that create and return decisions."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Response
from fastapi.security import HTTPBearer
from pydantic import SecretStr

from backend.cache import Cache
from backend.database import Database
from backend.decider import Decider
from backend.metrics import DecisionMetrics
from backend.schemas import Decision, Page
from service import tokens
from service.errors import ApiError
from service.schemas import Observation


def routes(
    token: SecretStr,
    database: Database,
    cache: Cache,
    decider: Decider,
    metrics: DecisionMetrics,
) -> APIRouter:
    router = APIRouter(
        prefix="/api/decisions",
        route_class=tokens.protected(token),
        dependencies=[Depends(HTTPBearer(auto_error=False))],  # only documents the API
    )

    @router.post("", status_code=201)
    async def decide(observation: Observation, response: Response) -> Decision:
        with metrics.latency.time():
            verdict = await decider.decide(observation)
        decision = await database.add(uuid4(), observation, verdict)
        metrics.kept(decision.outcome)
        response.headers["Location"] = f"{router.prefix}/{decision.id}"
        return decision

    @router.get("")
    async def newest(
        limit: Annotated[int, Query(ge=1, le=100)] = 20, before: UUID | None = None
    ) -> Page:
        # One more than requested shows whether there is a next page.
        decisions = await database.page(limit + 1, before)
        items = decisions[:limit]
        return Page(items=items, next=items[-1].id if len(decisions) > limit else None)

    @router.get("/{decision_id}")
    async def one(decision_id: UUID, response: Response) -> Decision:
        decision = await cache.get(decision_id)
        response.headers["X-Cache"] = "hit" if decision else "miss"
        if decision is None:
            decision = await database.get(decision_id)
            if decision is None:
                raise ApiError(404, "not_found", f"There is no decision {decision_id}.")
            await cache.put(decision)
        return decision

    return router
