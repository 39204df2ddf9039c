"""The answers of the decision service."""

from pydantic import BaseModel

from service.schemas import Outcome


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
