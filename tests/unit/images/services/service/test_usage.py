import time
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from service.usage import UsageCollector, cpu_limit, cpu_seconds, memory_percent

MIB = 1024 * 1024

VERSION_1 = {
    "cpuacct/cpuacct.usage": "2500000000\n",
    "cpu/cpu.cfs_quota_us": "50000\n",
    "cpu/cpu.cfs_period_us": "100000\n",
    "memory/memory.usage_in_bytes": f"{60 * MIB}\n",
    "memory/memory.limit_in_bytes": f"{100 * MIB}\n",
    "memory/memory.stat": f"cache 1\ninactive_file 5\ntotal_inactive_file {10 * MIB}\n",
}
VERSION_2 = {
    "cpu.stat": "usage_usec 2500000\nuser_usec 2000000\n",
    "cpu.max": "50000 100000\n",
    "memory.current": f"{60 * MIB}\n",
    "memory.max": f"{100 * MIB}\n",
    "memory.stat": f"anon 1\ninactive_file {10 * MIB}\n",
}
UNLIMITED_1 = VERSION_1 | {
    "cpu/cpu.cfs_quota_us": "-1\n",
    "memory/memory.limit_in_bytes": "9223372036854771712\n",
}
UNLIMITED_2 = VERSION_2 | {"cpu.max": "max 100000\n", "memory.max": "max\n"}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return folder


@pytest.mark.parametrize("files", [VERSION_1, VERSION_2], ids=["version 1", "version 2"])
def test_the_values_come_from_the_control_group(tmp_path: Path, files: Mapping[str, str]) -> None:
    group = write(tmp_path, files)

    assert cpu_seconds(group) == 2.5
    assert cpu_limit(group) == 0.5
    assert memory_percent(group) == 50


@pytest.mark.parametrize("files", [UNLIMITED_1, UNLIMITED_2], ids=["version 1", "version 2"])
def test_without_a_limit_the_host_is_the_limit(tmp_path: Path, files: Mapping[str, str]) -> None:
    group = write(tmp_path, files)

    assert cpu_limit(group) == psutil.cpu_count()
    assert memory_percent(group) == pytest.approx(100 * 50 * MIB / psutil.virtual_memory().total)


def test_without_a_control_group_the_values_come_from_the_host(tmp_path: Path) -> None:
    assert cpu_seconds(tmp_path) == pytest.approx(
        psutil.cpu_times().user + psutil.cpu_times().system, rel=0.01
    )
    assert memory_percent(tmp_path) == pytest.approx(psutil.virtual_memory().percent, abs=5)


def cpu_usage(collector: UsageCollector) -> float:
    values = {family.name: family.samples[0].value for family in collector.collect()}
    assert set(values) == {"system_cpu_usage", "system_memory_usage", "system_disk_usage"}
    assert all(0 <= value <= 100 for value in values.values())
    return values["system_cpu_usage"]


def test_cpu_usage_is_the_share_of_the_quota_since_the_last_scrape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = write(tmp_path, VERSION_2)
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    collector = UsageCollector(disk=tmp_path, cgroup=group)

    # One second of CPU in ten, with a quota of half a core.
    now = 110.0
    write(group, {"cpu.stat": "usage_usec 3500000\n"})
    assert cpu_usage(collector) == pytest.approx(20)

    # Too soon after the last one: the same value again.
    now = 110.5
    write(group, {"cpu.stat": "usage_usec 4000000\n"})
    assert cpu_usage(collector) == pytest.approx(20)

    # More than the quota, which a short burst can reach.
    now = 112.0
    write(group, {"cpu.stat": "usage_usec 9500000\n"})
    assert cpu_usage(collector) == 100
