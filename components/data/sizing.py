"""The server parameters of PostgreSQL that follow from its memory and its volume."""

from dataclasses import dataclass

# The smallest and the largest sizes in MiB that the rules below give.
WORK_MEMORY = (1, 64)
MAINTENANCE = (16, 1024)
WAL = (64, 16 * 1024)
# The engine's own size of /dev/shm, in MiB.
LEAST_SHARED = 64


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What a server has: memory and volumes in MiB. `log` is the volume of its write-ahead log."""

    memory: int
    connections: int
    volume: int
    log: int | None = None


def parameters(machine: Machine) -> dict[str, str]:
    """The parameters. They divide memory for a usual load, and promise nothing for the worst one.

    With as many connections as `data.memory` accepts, those take half of it at 2 MiB each, and
    shared_buffers a quarter. Sorts of all of them at once would take another quarter, and vacuum
    more: then the container's limit ends the server. Few connections sort at the same moment.

    - `shared_buffers` is a quarter of the memory, the starting point in PostgreSQL's manual
      ("Resource Consumption"). A container's limit counts it, like the memory of every process.
    - `effective_cache_size` is half: shared_buffers, and as much again of the system's page cache.
      The PostgreSQL wiki calls half a normal conservative setting. It only guides the planner.
    - `work_mem` is a quarter of the memory for all connections at once, as each may sort. Below
      1 MiB every small sort would go to the disk, and above 64 MiB one query with several sorts
      could take the memory of all. The manual warns of both ("work_mem").
    - `maintenance_work_mem` is a sixteenth, as pgtune computes it; PostgreSQL 15 uses at most 1 GiB
      in a vacuum. `autovacuum_work_mem` divides it among the three workers that run by default.
    - `max_wal_size` is a tenth of the volume. It is a soft limit, so more must fit; on a volume of
      its own it is a fifth, so that PostgresWalGrowth, at twice `max_wal_size` and `wal_keep_size`,
      fires before the volume is full. `min_wal_size` is a quarter of it, at least two segments of
      16 MiB.
    - `temp_file_limit` is a tenth of the volume: one session's sorts and hashes cannot fill it.
    """
    work = _between(WORK_MEMORY, machine.memory // 4 // machine.connections)
    maintenance = _between(MAINTENANCE, machine.memory // 16)
    wal = _between(WAL, machine.log // 5 if machine.log else machine.volume // 10)
    return {
        "max_connections": str(machine.connections),
        "shared_buffers": f"{machine.memory // 4}MB",
        "effective_cache_size": f"{machine.memory // 2}MB",
        "work_mem": f"{work}MB",
        "maintenance_work_mem": f"{maintenance}MB",
        "autovacuum_work_mem": f"{maintenance // 3}MB",
        "max_wal_size": f"{wal}MB",
        "min_wal_size": f"{max(wal // 4, 32)}MB",
        "temp_file_limit": f"{machine.volume // 10}MB",
    }


def slot_limit(volume: int) -> int:
    """How many MiB of the write-ahead log the server keeps for a receiver that is away.

    A quarter of the volume: with `max_wal_size` and one session's temporary files, less than half
    of it is log and temporary files. A receiver that is away for longer starts again with a new
    base backup.
    """
    return volume // 4


def shared_memory(memory: int) -> int:
    """The size of /dev/shm in MiB, where the processes of a parallel query exchange rows.

    It is half the memory: what it holds counts as memory too, so a larger one could only end in a
    killed server, and a smaller one ends queries with "could not resize shared memory segment".
    """
    return max(memory // 2, LEAST_SHARED)


def _between(limits: tuple[int, int], amount: int) -> int:
    least, most = limits
    return min(max(amount, least), most)
