"""Which versions of Pulumi's provider plugins run."""

from typing import Annotated

from pydantic import Field

from components.settings.base import Model
from components.settings.shapes import Shape

# The suffix of the version of a plugin that this machine compiled.
COMPILED = "+compiled"

Version = Annotated[
    str,
    Shape(r"^\d+\.\d+\.\d+(\+compiled)?$", "a version such as `4.25.0` or `4.25.0+compiled`"),
]


class Plugins(Model):
    """Versions of the provider plugins. The default is the version that the provider's SDK in
    requirements.txt needs."""

    EXAMPLE = """
        config:
          ai-platform:plugins:
            docker: 4.8.2
            random: 4.18.2+compiled   # `make up` compiled it on this machine
    """

    docker: Version | None = Field(None, description="The version of the Docker plugin.")
    random: Version | None = Field(None, description="The version of the random plugin.")
    kubernetes: Version | None = Field(None, description="The version of the Kubernetes plugin.")
    contexts: list[str] = Field(
        default_factory=list,
        description="The contexts of the kubeconfig whose clusters a compiled Kubernetes plugin "
        "may change. `make cluster` adds its own context; add another one to use the plugin there.",
    )
