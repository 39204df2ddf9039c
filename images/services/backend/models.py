"""What goes in and out of the API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

# A row of 64 numbers: 8 lines of 8 pixels, 0 (paper) to 16 (ink).
Pixel = Annotated[float, Field(strict=True, ge=0, le=16, allow_inf_nan=False)]
Outcome = Literal["accept", "review"]


class Observation(BaseModel):
    """The image of one digit, as read from a meter."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}$", examples=["camera-1"])
    pixels: list[Pixel] = Field(min_length=64, max_length=64)


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
