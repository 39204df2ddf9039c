"""The data that the backend and the decision service exchange."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# An observation has 64 pixels: 8 lines of 8 numbers, from 0 (paper) to 16 (ink).
Pixel = Annotated[float, Field(strict=True, ge=0, le=16, allow_inf_nan=False)]
Outcome = Literal["accept", "review"]


class Observation(BaseModel):
    """The image of one digit, as read from a meter."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}$", examples=["camera-1"])
    pixels: list[Pixel] = Field(min_length=64, max_length=64)
