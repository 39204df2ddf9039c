"""What goes in and out of the service. The backend checks the same rules at its own door."""

from typing import Annotated, Literal

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
    """`confidence` is 0 to 1; `latency_ms` is the model's own time."""

    label: str
    confidence: float
    outcome: Outcome
    model: str
    latency_ms: float


class ModelCard(BaseModel):
    """What decides. `accuracy` is 0 to 1, measured on `evaluation_size` images at the start."""

    name: str
    version: str
    accuracy: float
    evaluation_size: int
