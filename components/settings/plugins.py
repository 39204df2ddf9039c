"""Which versions of Pulumi's provider plugins run, where the official ones cannot be had."""

from typing import Annotated

from pydantic import Field

from components.settings.model import Model
from components.settings.values import Shape

COMPILED = "+compiled"
"""Ends the version of a plugin that this machine compiled."""

Version = Annotated[
    str,
    Shape(r"^\d+\.\d+\.\d+(\+compiled)?$", "a version such as `4.25.0` or `4.25.0+compiled`"),
]


class Plugins(Model):
    """Versions of the provider plugins; a version that is left out is the one that the provider's
    SDK in requirements.txt asks for."""

    docker: Version | None = Field(None, description="The Docker plugin's version.")
    random: Version | None = Field(None, description="The random plugin's version.")
    kubernetes: Version | None = Field(None, description="The Kubernetes plugin's version.")
    contexts: list[str] = Field(
        default_factory=list,
        description="The contexts of the kubeconfig whose clusters a compiled Kubernetes plugin "
        "may change. The one of `make cluster` is there; add another to use the plugin on it.",
    )
