"""A backend as users bring it: FastAPI, SQLAlchemy and Redis, configured by variables."""

import asyncio
import json
import logging
import os
import urllib.request
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.models import Observation

DATA = Path("/app/data")
logging.basicConfig(filename="/app/logs/backend.log", level=os.environ["LOG_LEVEL"])

engine = create_async_engine(
    os.environ["DATABASE_URL"], pool_size=int(os.environ["DB_POOL_SIZE"]), max_overflow=0
)
cache = Redis.from_url(os.environ["REDIS_URL"])
app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy", "environment": os.environ["ENVIRONMENT"]}


@app.post("/api/observations", status_code=201)
async def observe(observation: dict[str, Any]) -> dict[str, Any]:
    """Ask the decision service, and store the answer in all places that the backend has."""
    decision = await asyncio.to_thread(decide, observation)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        row = Observation(source=observation["source"], decision=decision)
        session.add(row)
        await session.commit()
        number = row.id
    await cache.set("last-decision", decision)
    (DATA / f"{number}.json").write_text(json.dumps(observation))
    logging.info("observation %s of %s", number, observation["source"])
    return {"id": number, "decision": decision}


@app.get("/api/observations")
async def observations() -> dict[str, Any]:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        count = await session.scalar(select(func.count()).select_from(Observation))
    last = await cache.get("last-decision")
    return {
        "rows": count,
        "files": len(list(DATA.glob("*.json"))),
        "last_decision": last.decode() if last else None,
    }


def decide(observation: dict[str, Any]) -> str:
    request = urllib.request.Request(  # noqa: S310 (the stack file has the scheme)
        f"{os.environ['DECISION_URL']}/decide",
        data=json.dumps(observation).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
        return str(json.load(response)["decision"])
