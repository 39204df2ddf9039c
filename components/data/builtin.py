"""PostgreSQL, run by the platform."""

from collections.abc import Iterator

from components import plain_files
from components.addresses import Address
from components.catalogue import Catalogue
from components.container import Command, File, Health, Port, Resources
from components.data import restore, schema, sizing
from components.data.connection import DATABASE, MONITOR, MONITOR_USER, SUPERUSER, TIER
from components.data.restore import REACHED, RESTORED
from components.data.sizing import Machine
from components.placement import Placement
from components.settings import Settings, mebibytes
from components.volumes import Volume
from components.workload import Workload

SERVER = Address(workload=restore.SERVER, port=5432)
SCRIPTS = "database/first-start"
START = "/etc/postgres/start.sh"
HBA = "/etc/postgres/pg_hba.conf"
FORMAT = "PostgreSQL "
FIRST_VERSION = 15
"""The major version whose volume has no version in its name, because there was no other one."""
INITDB = "/docker-entrypoint-initdb.d"


def parameters(settings: Settings) -> dict[str, str]:
    """Server parameters, for the built-in server and for the operator's: those of its size, those
    of its log, and those of the settings.

    A role's own value, in database/init/10-roles.sql, takes precedence.
    """
    data = settings.data
    machine = Machine(
        memory=mebibytes(data.memory),
        connections=data.max_connections,
        volume=mebibytes(data.size),
        log=mebibytes(data.wal_size) if data.wal_size else None,
    )
    return {
        **sizing.parameters(machine),
        "log_min_duration_statement": "500ms",
        "log_lock_waits": "on",
        "log_connections": "off",
        **data.parameters,
    }


def data_format(settings: Settings) -> str:
    """What can read the data: a server of this major version."""
    return f"{FORMAT}{settings.data.version}"


def directory(version: int) -> str:
    """Where the official image of this version declares its volume. Elsewhere an engine would
    create it for the user root."""
    return "/var/lib/postgresql" if version >= 18 else "/var/lib/postgresql/data"


def data_directory(settings: Settings) -> str:
    """A directory below the volume's root, where a file system may keep lost+found."""
    return f"{directory(settings.data.version)}/pgdata"


def volume(settings: Settings) -> Volume:
    """The volume with data of this version."""
    version = settings.data.version
    return Volume(
        name=SERVER.workload,
        path=directory(version),
        size=settings.data.size,
        format=data_format(settings),
        generation=None if version == FIRST_VERSION else str(version),
    )


def postgres(settings: Settings, catalogue: Catalogue) -> Workload:
    restored = settings.data.built_in_backup is not None
    options = {
        "hba_file": HBA,
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "max_slot_wal_keep_size": f"{sizing.slot_limit(mebibytes(settings.data.size))}MB",
        **parameters(settings),
    }
    memory = mebibytes(settings.data.memory)
    return Workload(
        name=SERVER.workload,
        tier=TIER,
        image=catalogue.image("postgres"),
        entrypoint=("sh", START),
        command=("postgres", *(f"-c{name}={value}" for name, value in options.items())),
        env={
            "PGDATA": data_directory(settings),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": DATABASE,
            "POSTGRES_PASSWORD_FILE": SUPERUSER.path,
            "POSTGRES_INITDB_ARGS": "--data-checksums"
            " --auth-local=scram-sha-256 --auth-host=scram-sha-256",
        },
        files=(
            *(File(path=password.path, content=password.text) for password in schema.ROLES),
            File(path=START, content=plain_files.text(f"{SCRIPTS}/start.sh")),
            File(path=HBA, content=plain_files.text("database/server/pg_hba.conf")),
            *_first_start(),
        ),
        volumes=(volume(settings),),
        init=(restore.step(settings, catalogue, data_directory(settings)),) if restored else (),
        scratch=("/tmp", "/var/run/postgresql"),
        ports=(Port(name="postgres", number=SERVER.port),),
        # The query uses TCP. The temporary server that runs the first start's scripts does not
        # listen on it.
        ready=Health(ask=_query(), start_budget=120),
        # pg_isready exits with 0 if the server accepts connections, with 1 while it starts or
        # recovers, and with 2 if it does not answer.
        alive=Health(
            ask=Command(argv=("sh", "-c", "pg_isready -q -h 127.0.0.1; [ $? -lt 2 ]")),
            period=10,
            failures=6,
        ),
        # Where a restored server answers. Only the step asks it.
        reaches=(RESTORED, REACHED) if restored else (),
        placement=Placement(priority_class=settings.kubernetes.priority_class),
        guaranteed=True,
        resources=Resources(memory=memory, cpu=settings.data.cpu),
        shared_memory=sizing.shared_memory(memory),
        stop_grace=120,
    )


def _first_start() -> Iterator[File]:
    """The scripts of the first start, in the order of their names."""
    scripts = [
        *plain_files.texts(schema.SCRIPTS),
        ("99-complete.sh", plain_files.text(f"{SCRIPTS}/complete.sh")),
    ]
    for name, script in scripts:
        yield File(path=f"{INITDB}/{name}", content=script, first_start=True)


def _query() -> Command:
    """A real query with a real role: pg_isready succeeds even if the database does not exist."""
    query = (
        f'PGPASSWORD="$(cat {MONITOR.path})" PGCONNECT_TIMEOUT=2 exec psql --no-psqlrc -qtAX '
        f"-h 127.0.0.1 -U {MONITOR_USER} -d {DATABASE} -c 'SELECT 1'"
    )
    return Command(argv=("sh", "-c", query))
