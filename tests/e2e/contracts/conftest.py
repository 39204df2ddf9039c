"""Nothing of an earlier run is there before a module of these tests, and nothing of it after."""

from collections.abc import Iterator

import pytest

from tests.e2e.contracts import engine


@pytest.fixture(scope="module", autouse=True)
def _clean() -> Iterator[None]:
    engine.clean()
    yield
    engine.clean()
