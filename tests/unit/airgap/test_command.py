"""Running other programs."""

import pytest

from airgap.command import AirgapError, run, succeeds


def test_an_error_quotes_the_last_lines_of_a_program_that_fails() -> None:
    with pytest.raises(AirgapError, match=r"failed with 3:\nreason"):
        run("sh", "-c", "echo reason; exit 3")


def test_an_error_names_a_missing_program() -> None:
    with pytest.raises(AirgapError, match="no-such-program is not installed"):
        run("no-such-program")


def test_a_program_that_takes_too_long_does_not_succeed() -> None:
    assert not succeeds("sleep", "5", seconds=0.1)
    assert succeeds("true", seconds=5)
