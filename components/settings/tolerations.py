"""Taints that do not keep pods from a node, of a service or of the whole stack."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from components.settings.base import Model
from components.settings.kubernetes_names import Label, LabelKey
from components.settings.problems import Problem


class Toleration(Model):
    """A taint that does not keep the pods from a node."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:kubernetes:
            node_selector: {pool: ai}
            tolerations:
              - key: dedicated
                value: ai
                effect: NoSchedule
    """

    key: LabelKey | None = Field(
        None, description="The taint's key. Without a key, every taint is tolerated."
    )
    operator: Literal["Equal", "Exists"] = Field(
        "Equal",
        description="`Equal` compares the value; `Exists` tolerates any value.",
    )
    value: Label | None = Field(None, description="The taint's value.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        None, description="The taint's effect. By default all effects are tolerated."
    )


def rules(path: str, toleration: Toleration) -> Iterator[Problem]:
    if toleration.operator == "Exists" and toleration.value is not None:
        yield Problem(
            path=f"{path}.value",
            found=repr(toleration.value),
            allowed="no value, because the operator is Exists",
        )
    if toleration.key is None and toleration.operator != "Exists":
        yield Problem(
            path=f"{path}.operator",
            found=repr(toleration.operator),
            allowed="Exists, because there is no key",
        )
