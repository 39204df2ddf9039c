"""Labels: a list of pairs in a program, an object in the engine."""

from __future__ import annotations

from airgap.plugins.schema import Field
from airgap.plugins.values import Properties

LABEL_FIELDS = (Field(name="label", required=True), Field(name="value", empty=""))


def labels_in(labels: list[Properties] | None) -> dict[str, str]:
    return {item["label"]: item.get("value") or "" for item in labels or []}


def labels_out(labels: dict[str, str] | None) -> list[Properties]:
    return [{"label": name, "value": value} for name, value in sorted((labels or {}).items())]
