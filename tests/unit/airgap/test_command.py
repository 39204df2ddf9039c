"""Running programs."""

import pytest

from airgap.command import AirgapError, run, succeeds


def test_a_program_that_fails_is_quoted_with_its_last_lines() -> None:
    with pytest.raises(AirgapError, match=r"failed with 3:\nreason"):
        run("sh", "-c", "echo reason; exit 3")


def test_a_program_that_is_missing_is_named() -> None:
    with pytest.raises(AirgapError, match="no-such-program is not installed"):
        run("no-such-program")


def test_a_program_that_takes_too_long_has_not_succeeded() -> None:
    assert not succeeds("sleep", "5", seconds=0.1)
    assert succeeds("true", seconds=5)
