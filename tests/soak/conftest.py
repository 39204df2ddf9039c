"""One Docker stack for the whole soak."""

from collections.abc import Iterator

import pytest

from tests.e2e.stack import Stack, made, said


@pytest.fixture(scope="session")
def running() -> Iterator[Stack]:
    """The stack, up and healthy; nothing of it is left at the end."""
    with made("soak") as stack:
        result = stack.up()
        assert result.returncode == 0, said(result)
        yield stack
