"""Where a service runs, and which GPUs it gets."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from components import placement as vocabulary
from components.settings import tolerations
from components.settings.base import Model
from components.settings.kubernetes_names import Label, LabelKey, Name
from components.settings.problems import Problem
from components.settings.shapes import Shape
from components.settings.tolerations import Toleration

if TYPE_CHECKING:
    from components.settings.stack import Settings

Gpu = Annotated[
    str,
    # An index is a number in YAML.
    BeforeValidator(lambda value: str(value) if type(value) is int else value),
    Shape(
        r"^(\d{1,2}|(GPU|MIG)-[A-Za-z0-9-]{1,60})$",
        "the index of a GPU, such as 0, or its id, such as `GPU-3a23c669-1f69-c64e-cf85-"
        "44e9b07e7a2a`; `nvidia-smi -L` lists both",
    ),
]


class Placed(Model):
    """A service that may need certain nodes or GPUs."""

    gpu: int | None = Field(
        None,
        ge=1,
        le=16,
        description="Kubernetes only: the number of GPUs (`nvidia.com/gpu`) of each replica. The "
        "pods tolerate the taint `nvidia.com/gpu`.",
    )
    gpus: Literal["all"] | Annotated[list[Gpu], Field(min_length=1)] | None = Field(
        None,
        description="Docker only: `all` GPUs of the engine, or a list of their indices or ids. "
        "Every replica gets the same GPUs.",
    )
    node_selector: dict[LabelKey, Label] = Field(
        default_factory=dict,
        description="Kubernetes only: labels that a node must have to run the service, in addition "
        "to `kubernetes.node_selector`. For the same label, the service's value counts.",
    )
    tolerations: list[Toleration] = Field(
        default_factory=list,
        description="Kubernetes only: taints that the service's pods tolerate, in addition to "
        "`kubernetes.tolerations`.",
    )
    runtime_class: Name | None = Field(
        None,
        description="Kubernetes only: the RuntimeClass of the service's pods, such as `nvidia`.",
    )

    @property
    def placement(self) -> vocabulary.Placement:
        return vocabulary.Placement(
            gpu=self.gpu or 0,
            gpus="all" if self.gpus == "all" else tuple(self.gpus or ()),
            node_selector=self.node_selector,
            tolerations=tuple(
                vocabulary.Toleration(**toleration.model_dump()) for toleration in self.tolerations
            ),
            runtime_class=self.runtime_class,
        )


def rules(path: str, service: Placed, settings: "Settings") -> Iterator[Problem]:
    """`path` is the dotted path of the service's settings."""
    if settings.target == "docker":
        yield from _on_docker(path, service)
        return
    if service.gpus is not None:
        yield Problem(
            path=f"{path}.gpus",
            allowed="no value with target: kubernetes, which chooses the GPUs itself; `gpu` is "
            "their number",
        )
    for index, toleration in enumerate(service.tolerations):
        yield from tolerations.rules(f"{path}.tolerations.{index}", toleration)


def _on_docker(path: str, service: Placed) -> Iterator[Problem]:
    if service.gpu is not None:
        yield Problem(
            path=f"{path}.gpu",
            found=str(service.gpu),
            allowed="no value with target: docker, which reserves no GPUs; `gpus: all` or a list "
            "of ids gives the service those of the engine",
        )
    for key in ("node_selector", "tolerations", "runtime_class"):
        if getattr(service, key):
            yield Problem(
                path=f"{path}.{key}",
                allowed="no value with target: docker, where every container runs on one machine",
            )
