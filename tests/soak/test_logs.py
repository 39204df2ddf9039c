"""A service that writes more log lines than its log may hold."""

from pathlib import Path

from components.targets.docker.containers import LOG_FILES, LOG_SIZE
from tests.e2e.stack import Stack

GIGABYTE = 10**9
MEGABYTES = int(LOG_SIZE.removesuffix("m"))


def test_a_gigabyte_of_log_lines_uses_no_more_space_than_the_rotated_files(stack: Stack) -> None:
    """The test reads the engine's directory, which requires root on the engine's machine."""
    lines = f"yes a log line | head -c {GIGABYTE} > /proc/1/fd/1"
    result = stack.inside("backend", "sh", "-c", lines)
    assert result.returncode == 0, result.stderr
    log = Path(stack.inspect("backend")["LogPath"])
    sizes = [path.stat().st_size for path in log.parent.glob(f"{log.name}*")]
    print(f"{GIGABYTE / 1e6:.0f} MB logged; {sum(sizes) / 1e6:.1f} MB in {len(sizes)} files")
    assert len(sizes) == int(LOG_FILES)
    # The engine rotates a file after the line that fills it.
    assert sum(sizes) <= int(LOG_FILES) * MEGABYTES * 1.01e6
    assert stack.inspect("backend")["State"]["Health"]["Status"] == "healthy"
