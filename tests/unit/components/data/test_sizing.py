"""The parameters that follow from a server's memory and volume."""

import re

import pytest

from components.data.sizing import Machine, parameters, shared_memory
from tests.queries import rules

GIB = 1024
# The operator's default of wal_keep_size, in MiB.
WAL_KEEP = 512


@pytest.mark.parametrize(
    ("machine", "shared_buffers", "cache", "work", "maintenance", "wal", "temporary"),
    [
        # The smallest server, on a volume of 1 GiB.
        (Machine(memory=80, connections=20, volume=GIB), 20, 40, 1, 16, 102, 102),
        # The default.
        (Machine(memory=512, connections=100, volume=10 * GIB), 128, 256, 1, 32, 1024, 1024),
        (Machine(memory=2 * GIB, connections=100, volume=10 * GIB), 512, 1024, 5, 128, 1024, 1024),
        (
            Machine(memory=16 * GIB, connections=200, volume=500 * GIB),
            *(4096, 8192, 20, 1024, 16 * GIB, 50 * GIB),
        ),
        (
            Machine(memory=64 * GIB, connections=100, volume=2048 * GIB),
            *(16 * GIB, 32 * GIB, 64, 1024, 16 * GIB, 2048 * GIB // 10),
        ),
        # The log on a volume of its own.
        (
            Machine(memory=2 * GIB, connections=100, volume=100 * GIB, log=4 * GIB),
            *(512, 1024, 5, 128, 4 * GIB // 5, 10 * GIB),
        ),
    ],
)
def test_memory_and_volume_size_the_server(
    machine: Machine,
    shared_buffers: int,
    cache: int,
    work: int,
    maintenance: int,
    wal: int,
    temporary: int,
) -> None:
    assert parameters(machine) == {
        "max_connections": str(machine.connections),
        "shared_buffers": f"{shared_buffers}MB",
        "effective_cache_size": f"{cache}MB",
        "work_mem": f"{work}MB",
        "maintenance_work_mem": f"{maintenance}MB",
        "autovacuum_work_mem": f"{maintenance // 3}MB",
        "max_wal_size": f"{wal}MB",
        "min_wal_size": f"{max(wal // 4, 32)}MB",
        "temp_file_limit": f"{temporary}MB",
    }


@pytest.mark.parametrize("log", [2 * GIB, 4 * GIB, 10 * GIB, 50 * GIB])
def test_a_log_that_grows_fires_an_alert_before_its_own_volume_is_full(log: int) -> None:
    machine = Machine(memory=2 * GIB, connections=100, volume=100 * GIB, log=log)
    allowed = int(parameters(machine)["max_wal_size"].removesuffix("MB")) + WAL_KEEP
    (growth,) = [rule["expr"] for _, rule in rules() if rule.get("alert") == "PostgresWalGrowth"]
    (factor,) = re.findall(r"> (\d+) \* max by", growth)
    assert int(factor) * allowed <= 0.9 * log


@pytest.mark.parametrize(("memory", "size"), [(80, 64), (512, 256), (2 * GIB, GIB)])
def test_parallel_queries_share_half_the_memory(memory: int, size: int) -> None:
    assert shared_memory(memory) == size
