"""One Docker stack for all soak tests."""

from collections.abc import Iterator

import pytest

from tests.e2e.stack import Stack, output_of, temporary_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A healthy stack; everything of it is removed at the end."""
    with temporary_stack("soak") as stack:
        # The load comes from one address.
        result = stack.up(web={"gateway": {"rate_limit": None}})
        assert result.returncode == 0, output_of(result)
        yield stack
