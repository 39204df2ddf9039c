"""Steps, as a pipe and as a terminal show them."""

import io

import pytest
from rich.console import Console

from operations import steps


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is printed where nobody watches; each look at the clock is 2 s after the last."""
    monkeypatch.setattr(steps, "console", Console(file=io.StringIO(), width=40))
    ticks = iter(range(0, 100, 2))
    monkeypatch.setattr(steps, "now", lambda: float(next(ticks)))
    file = steps.console.file
    assert isinstance(file, io.StringIO)
    return file


def test_a_step_is_its_title_its_lines_and_its_time(printed: io.StringIO) -> None:
    with steps.step("Pulumi") as report:
        report("built [from] source")
    assert printed.getvalue() == "Pulumi\n  built [from] source\n  2.0 s\n"


def test_a_long_line_stays_one_line(printed: io.StringIO) -> None:
    with steps.step("Images") as report:
        report("word " * 20)
    assert printed.getvalue().splitlines()[1] == "  " + "word " * 20


def test_a_step_that_fails_says_no_time(printed: io.StringIO) -> None:
    with pytest.raises(ValueError, match="no room"), steps.step("Images"):
        raise ValueError("no room")
    assert printed.getvalue() == "Images\n"


@pytest.mark.parametrize(("prints", "running"), [(False, True), (True, False)])
def test_on_a_terminal_the_time_runs_unless_the_step_prints_for_itself(
    monkeypatch: pytest.MonkeyPatch, prints: bool, running: bool
) -> None:
    file = io.StringIO()
    monkeypatch.setattr(steps, "console", Console(file=file, force_terminal=True, width=40))
    with steps.step("Images", prints=prints):
        pass
    assert ("0:00:00" in file.getvalue()) == running
