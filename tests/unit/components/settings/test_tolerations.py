"""Which tolerations the API accepts."""

import pytest

from components.settings import Toleration
from components.settings.tolerations import rules


@pytest.mark.parametrize(
    ("toleration", "wrong"),
    [
        ({"key": "apps", "value": "only"}, []),
        ({"key": "apps"}, []),
        ({"key": "apps", "operator": "Exists"}, []),
        ({"operator": "Exists"}, []),
        ({"key": "apps", "operator": "Exists", "value": "only"}, ["value"]),
        ({"value": "only"}, ["operator"]),
        ({}, ["operator"]),
    ],
)
def test_a_toleration_must_be_one_that_the_api_accepts(
    toleration: dict[str, str], wrong: list[str]
) -> None:
    problems = rules("at", Toleration.model_validate(toleration))
    assert [problem.path for problem in problems] == [f"at.{key}" for key in wrong]
