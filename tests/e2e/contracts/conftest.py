"""Removes all containers, volumes and networks of these tests before and after each module."""

from collections.abc import Iterator

import pytest

from tests.e2e.contracts import engine


@pytest.fixture(scope="module", autouse=True)
def _clean() -> Iterator[None]:
    engine.clean()
    yield
    engine.clean()
