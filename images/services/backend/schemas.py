"""What the API answers, and what it reads from the decision service."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from service.schemas import Outcome


class Verdict(BaseModel):
    """What the decision service answers. `confidence` is 0 to 1."""

    label: str
    confidence: float
    outcome: Outcome
    model: str
    latency_ms: float


class Decision(Verdict):
    """A verdict on an observation, as it is kept."""

    id: UUID
    created_at: datetime
    source: str


class Page(BaseModel):
    """Decisions, newest first. `next` continues the list as `before`; null at its end."""

    items: list[Decision]
    next: UUID | None


class Model(BaseModel):
    """What decides. `accuracy` is 0 to 1, measured on `evaluation_size` images at its start."""

    name: str
    version: str
    accuracy: float
    evaluation_size: int


class Part(BaseModel):
    """A server that this service uses."""

    up: bool


class DecisionPart(Part):
    """The decision service; its model is null while it is down."""

    model: Model | None = None


class Status(BaseModel):
    """The platform's status, for everybody. It has no data, and no versions that help an
    attacker."""

    status: Literal["ok", "degraded", "down"]
    version: str
    environment: str
    database: Part
    cache: Part
    decision: DecisionPart
