"""The output of steps to a pipe and to a terminal."""

import io

import pytest
from rich.console import Console

from operations import steps


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The output to a pipe; each reading of the clock is 2 s after the previous one."""
    monkeypatch.setattr(steps, "console", Console(file=io.StringIO(), width=40))
    ticks = iter(range(0, 100, 2))
    monkeypatch.setattr(steps, "now", lambda: float(next(ticks)))
    file = steps.console.file
    assert isinstance(file, io.StringIO)
    return file


def test_a_step_prints_its_title_its_lines_and_its_time(printed: io.StringIO) -> None:
    with steps.step("Pulumi") as report:
        report("built [from] source")
    assert printed.getvalue() == "Pulumi\n  built [from] source\n  2.0 s\n"


def test_a_long_line_is_not_wrapped(printed: io.StringIO) -> None:
    with steps.step("Images") as report:
        report("word " * 20)
    assert printed.getvalue().splitlines()[1] == "  " + "word " * 20


def test_a_failed_step_prints_no_time(printed: io.StringIO) -> None:
    with pytest.raises(ValueError, match="no room"), steps.step("Images"):
        raise ValueError("no room")
    assert printed.getvalue() == "Images\n"


@pytest.mark.parametrize(("prints", "shows_time"), [(False, True), (True, False)])
def test_a_terminal_shows_the_elapsed_time_unless_the_step_prints_itself(
    monkeypatch: pytest.MonkeyPatch, prints: bool, shows_time: bool
) -> None:
    file = io.StringIO()
    monkeypatch.setattr(steps, "console", Console(file=file, force_terminal=True, width=40))
    with steps.step("Images", prints=prints):
        pass
    assert ("0:00:00" in file.getvalue()) == shows_time
