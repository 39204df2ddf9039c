from __future__ import annotations

import pytest

from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits.custom import WaitFor, met, wanted
from airgap.plugins.resource import Failed
from tests.unit.airgap.plugins.kubernetes.conftest import FakeApi
from tests.unit.airgap.plugins.kubernetes.waits.conftest import condition, thing

LIVE = thing(
    "Cluster",
    status={
        "phase": "healthy",
        "instances": 3,
        "ready": True,
        "names": ["a", "b"],
        "conditions": [condition("Ready"), condition("Archiving", "False")],
    },
)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("condition=Ready", True),
        ("condition=Archiving", False),
        ("condition=Archiving=False", True),
        ("condition=Unheard", False),
        ("jsonpath={.status.phase}=healthy", True),
        ("jsonpath={.status.phase}=starting", False),
        ("jsonpath={.status.phase}", True),
        ("jsonpath={.status.instances}=3", True),
        ("jsonpath={.status.ready}=true", True),
        ("jsonpath={.status.names[1]}=b", True),
        ("jsonpath={.status.names[7]}=b", False),
        ("jsonpath={.status.absent}", False),
    ],
)
def test_an_expression_holds_or_does_not(expression: str, holds: bool) -> None:
    assert met(expression, LIVE) is holds


def test_several_expressions_come_as_a_list() -> None:
    assert wanted('["condition=Ready", "jsonpath={.a}"]') == ["condition=Ready", "jsonpath={.a}"]
    assert wanted("condition=Ready") == ["condition=Ready"]


@pytest.mark.parametrize("text", ["Ready", "[]", '["condition=Ready", "status.phase"]'])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(Failed, match=r"pulumi.com/waitFor: expected"):
        wanted(text)


def test_a_wait_tells_what_does_not_hold(objects: Objects, api: FakeApi) -> None:
    api.lists["/api/v1/namespaces/ns/events"] = []
    text = '["condition=Ready", "condition=Archiving"]'
    check = WaitFor(objects, thing("Cluster", annotations={"pulumi.com/waitFor": text}))
    assert check.look(LIVE).doing == "Waiting for condition=Archiving"
    assert check.reasons(LIVE) == ["condition=Archiving does not hold"]
