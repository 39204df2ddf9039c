"""A service that logs much more than its log may hold."""

from pathlib import Path

from components.targets.docker.containers import LOG_FILES, LOG_SIZE
from tests.e2e.stack import Stack

GIGABYTE = 10**9
MEGABYTES = int(LOG_SIZE.removesuffix("m"))


def test_a_gigabyte_of_log_lines_takes_no_more_room_than_rotation_leaves(stack: Stack) -> None:
    """The engine's own directory is read, which needs root on the engine's machine."""
    lines = f"yes a line of a log that somebody forgot to stop | head -c {GIGABYTE} > /proc/1/fd/1"
    written = stack.inside("backend", "sh", "-c", lines)
    assert written.returncode == 0, written.stderr
    log = Path(stack.inspect("backend")["LogPath"])
    sizes = [path.stat().st_size for path in log.parent.glob(f"{log.name}*")]
    print(f"{GIGABYTE / 1e6:.0f} MB logged; {sum(sizes) / 1e6:.1f} MB in {len(sizes)} files")
    assert len(sizes) == int(LOG_FILES)
    # A file is closed by the line that fills it.
    assert sum(sizes) <= int(LOG_FILES) * MEGABYTES * 1.01e6
    assert stack.inspect("backend")["State"]["Health"]["Status"] == "healthy"
