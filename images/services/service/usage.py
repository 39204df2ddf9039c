"""The container's resource usage as a percentage (0 to 100) of its capacity.

Each scrape reads the container's own control group (version 1 or 2), so nothing runs between
scrapes. Without a control group, the figures are the host's.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CGROUP = Path("/sys/fs/cgroup")
# Over a shorter time, the scrape itself dominates the CPU usage.
SHORTEST_SPAN_SECONDS = 1.0


class UsageCollector(Collector):
    """system_cpu_usage (since the last scrape), system_memory_usage and system_disk_usage."""

    def __init__(self, disk: Path, cgroup: Path = CGROUP) -> None:
        self._disk = disk
        self._cgroup = cgroup
        self._then = time.monotonic()
        self._cpu_then = cpu_seconds(cgroup)
        self._cpu_percent = 0.0

    def collect(self) -> Iterator[GaugeMetricFamily]:
        capacity = "percent of the container's capacity"
        yield GaugeMetricFamily("system_cpu_usage", f"CPU, {capacity}", value=self._cpu())
        yield GaugeMetricFamily(
            "system_memory_usage", f"Memory, {capacity}", value=memory_percent(self._cgroup)
        )
        yield GaugeMetricFamily(
            "system_disk_usage",
            f"Disk, {capacity}",
            value=psutil.disk_usage(str(self._disk)).percent,
        )

    def _cpu(self) -> float:
        now = time.monotonic()
        span = now - self._then
        if span >= SHORTEST_SPAN_SECONDS:
            used = cpu_seconds(self._cgroup)
            share = (used - self._cpu_then) / span / cpu_limit(self._cgroup)
            self._cpu_percent = min(100.0, max(0.0, 100 * share))
            self._then, self._cpu_then = now, used
        return self._cpu_percent


def cpu_seconds(cgroup: Path) -> float:
    """Return the CPU time used so far, in seconds."""
    if (stat := _table(cgroup / "cpu.stat")) and "usage_usec" in stat:
        return stat["usage_usec"] / 1e6
    if (used := _number(cgroup / "cpuacct/cpuacct.usage")) is not None:
        return used / 1e9
    times = psutil.cpu_times()
    return float(times.user + times.system)


def cpu_limit(cgroup: Path) -> float:
    """Return the number of usable CPU cores: the quota, or all cores of the host."""
    cores = float(psutil.cpu_count() or 1)
    quota, _, period = _text(cgroup / "cpu.max").partition(" ")
    if not quota:
        quota = _text(cgroup / "cpu/cpu.cfs_quota_us")
        period = _text(cgroup / "cpu/cpu.cfs_period_us")
    if quota.isdigit() and period.isdigit():
        return min(cores, int(quota) / int(period))
    return cores


def memory_percent(cgroup: Path) -> float:
    """Return the memory usage without the file cache that the kernel can drop."""
    host = psutil.virtual_memory()
    for used, limit, stat, cache in (
        ("memory.current", "memory.max", "memory.stat", "inactive_file"),
        (
            "memory/memory.usage_in_bytes",
            "memory/memory.limit_in_bytes",
            "memory/memory.stat",
            "total_inactive_file",
        ),
    ):
        if (in_use := _number(cgroup / used)) is not None:
            may_use = min(_number(cgroup / limit) or host.total, host.total)
            return 100 * max(0, in_use - _table(cgroup / stat).get(cache, 0)) / may_use
    return float(host.percent)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _number(file: Path) -> int | None:
    """Return None if the file does not exist or contains "max"."""
    text = _text(file)
    return int(text) if text.isdigit() else None


def _table(file: Path) -> dict[str, int]:
    rows = (line.split() for line in _text(file).splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2}
