"""The annotation `pulumi.com/waitFor`: a condition or a path that an object must show."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from airgap.plugins.kubernetes.differences import parse
from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.objects import annotation
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits.check import READY, Check, Look, condition
from airgap.plugins.kubernetes.waits.pods import warnings
from airgap.plugins.resource import Failed

JSON_PATH: Final = re.compile(r"jsonpath=\{\.(?P<path>[^{}]+)\}(?:=(?P<value>.*))?")
CONDITION: Final = re.compile(r"condition=(?P<name>[^=]+)(?:=(?P<value>.+))?")


class WaitFor(Check):
    """Ready when everything that the annotation asks for holds. Raises Failed for a wrong one."""

    def __init__(self, objects: Objects, inputs: Object) -> None:
        super().__init__(objects)
        self._wanted = wanted(annotation(inputs, "waitFor"))

    def look(self, live: Object) -> Look:
        missing = [text for text in self._wanted if not met(text, live)]
        return Look(doing=f"Waiting for {', '.join(missing)}") if missing else READY

    def reasons(self, live: Object) -> list[str]:
        missing = [f"{text} does not hold" for text in self._wanted if not met(text, live)]
        return [*missing, *warnings(self.objects, live)]


def wanted(text: str) -> list[str]:
    """One expression, or a JSON list of them."""
    try:
        value: Any = json.loads(text)
    except ValueError:
        value = text
    expressions = [str(item) for item in (value if isinstance(value, list) else [value])]
    wrong = [e for e in expressions if not JSON_PATH.fullmatch(e) and not CONDITION.fullmatch(e)]
    if wrong or not expressions:
        raise Failed(
            'pulumi.com/waitFor: expected "jsonpath={.path}=value" or "condition=Name=Status", '
            f"found {wrong or text}"
        )
    return expressions


def met(expression: str, live: Object) -> bool:
    asked = CONDITION.fullmatch(expression)
    if asked:
        status = str(condition(live, asked["name"]).get("status", ""))
        return status.lower() == (asked["value"] or "True").lower()
    path = JSON_PATH.fullmatch(expression)
    assert path is not None
    found: Any = live
    for step in parse(path["path"]):
        if isinstance(found, dict):
            found = found.get(str(step))
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return False
    text = json.dumps(found) if isinstance(found, bool | dict | list) else str(found)
    return found is not None and path["value"] in (None, text)
