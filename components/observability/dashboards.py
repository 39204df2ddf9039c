"""Fits Grafana's dashboards to a Prometheus that others share."""

import json
import re
from typing import Any

from components.observability import promql

# The query of a variable, which names the series and the label whose values it offers.
_LABEL_VALUES = re.compile(r"label_values\((?P<series>.+),(?P<label>[^,]+)\)", re.DOTALL)


def bound(dashboard: str, namespace: str) -> str:
    """A dashboard whose queries read the series of this namespace only."""
    return json.dumps(_bound(json.loads(dashboard), namespace), indent=2)


def _bound(value: Any, namespace: str) -> Any:
    if isinstance(value, list):
        return [_bound(item, namespace) for item in value]
    if isinstance(value, str):
        variable = _LABEL_VALUES.fullmatch(value)
        if not variable:
            return value
        series = promql.bound(variable["series"], namespace)
        return f"label_values({series},{variable['label']})"
    if isinstance(value, dict):
        return {
            key: promql.bound(item, namespace) if key == "expr" else _bound(item, namespace)
            for key, item in value.items()
        }
    return value
