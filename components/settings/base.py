"""What all models of the settings have in common."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Base of the settings' models. Unknown keys are rejected, and no error quotes a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    EXAMPLE: ClassVar[str]
    """A commented stack file, shown in docs/configuration.md. A test loads it."""
