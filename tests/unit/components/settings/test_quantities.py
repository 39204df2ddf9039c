"""Amounts of memory."""

import pytest

from components.settings import mebibytes
from tests.unit.components.settings.refusals import (
    REPORTS,
    paths_on_both,
    service,
)


@pytest.mark.parametrize(
    ("text", "number"), [("1Mi", 1), ("512Mi", 512), ("2Gi", 2048), ("1Ti", 1048576)]
)
def test_memory_counts_in_mebibytes(text: str, number: int) -> None:
    assert mebibytes(text) == number


@pytest.mark.parametrize(("memory", "right"), [("5Mi", False), ("6Mi", True)])
def test_a_container_has_at_least_the_memory_that_docker_requires(memory: str, right: bool) -> None:
    wrong = [] if right else [f"{REPORTS}.memory"]
    assert paths_on_both(service(memory=memory)) == wrong
