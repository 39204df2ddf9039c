"""One stack for most of the run, made from nothing and taken away at the end."""

from collections.abc import Iterator

import pytest

from tests.e2e.stack import Stack, made, said


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack's file and state; nothing runs yet."""
    with made("e2e") as stack:
        yield stack


@pytest.fixture(scope="session")
def running(stack: Stack) -> Stack:
    """The stack, up and healthy."""
    result = stack.up()
    assert result.returncode == 0, said(result)
    return stack
