"""The command line."""

import pytest

from backup import __main__ as command
from backup import context, lock


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("recover", "--at", "yesterday"), "`yesterday` is not a time"),
        (("recover", "--at", "9000-01-01"), "is in the future"),
        (("recover", "--at", "2026-01-01", "--backup", "1"), "not allowed with"),
        (("verify",), "required: ID"),
        (("rest",), "invalid choice"),
    ],
)
def test_wrong_use_is_told_from_what_is_not_well(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.parser().parse_args(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_command_waits_for_a_job_of_the_part_unless_told_otherwise() -> None:
    assert command.parser().parse_args(["now"]).wait == lock.WAIT_SECONDS
    assert command.parser().parse_args(["now", "--wait", "0"]).wait == 0


def test_a_file_system_that_fails_ends_a_command_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device", "/backups/lock")

    monkeypatch.setattr(context, "load", fail)
    monkeypatch.setattr("sys.argv", ["backup", "now"])
    assert command.main() == 1
    assert capsys.readouterr().err == (
        "backup now: [Errno 28] No space left on device: '/backups/lock'\n"
    )
