"""Redis 7, run by the platform."""

from components.cache.connection import APPLICATION, SERVER, TIER
from components.catalogue import Catalogue
from components.container import Command, File, Health, Port, Resources
from components.placement import Placement
from components.settings import Settings, data_memory, mebibytes
from components.text import SECRETS, Secret, Text
from components.volumes import Volume
from components.workload import Workload

MONITOR = Secret(name="redis-monitor-password")
MONITOR_USER = "monitor"
PING = f'REDISCLI_AUTH="$(cat {MONITOR.path})" redis-cli --user {MONITOR_USER} ping'
ACL = f"{SECRETS}/users.acl"

CONFIGURATION = """\
# The users' rights are in the ACL file; `default` is off, so nobody enters without a password.
aclfile {acl}
protected-mode no
dir /data
appendonly yes
# At most about one second of writes is lost with the machine.
appendfsync everysec
save ""
maxmemory {maxmemory}mb
maxmemory-policy allkeys-lru
"""

# The file contains the passwords as SHA-256 hashes only. Nobody can sign in as `default`. It has
# all rights, because Redis 7.0 repeats the transactions in its append-only file as this user when
# it starts, and would otherwise lose them. The application cannot administer the server. The
# monitor can read statistics, but no keys.
USERS = """\
user default off ~* &* +@all
user platform on #${redis-app-password:sha256} ~* &* +@all -@admin -@dangerous
user monitor on #${redis-monitor-password:sha256} resetkeys -@all +ping +info +config|get \
+slowlog|len +slowlog|get +latency|latest +latency|histogram +client|list +client|setname \
+cluster|info +memory|stats +dbsize
"""


def redis(settings: Settings, catalogue: Catalogue) -> Workload:
    cache = settings.cache
    maxmemory = mebibytes(cache.maxmemory) if cache.maxmemory else data_memory(cache.memory)
    configuration = CONFIGURATION.format(acl=ACL, maxmemory=maxmemory)
    return Workload(
        name=SERVER.workload,
        tier=TIER,
        image=catalogue.image("redis"),
        command=("redis-server", "/etc/redis/redis.conf"),
        files=(
            File(path="/etc/redis/redis.conf", content=Text(template=configuration)),
            File(path=ACL, content=Text(template=USERS, secrets=(APPLICATION, MONITOR))),
            File(path=MONITOR.path, content=MONITOR.text),
        ),
        volumes=(Volume(name="redis", path="/data", size=cache.size),),
        ports=(Port(name="redis", number=SERVER.port),),
        ready=Health(ask=_ready()),
        alive=Health(ask=_alive(), period=10, failures=6),
        placement=Placement(priority_class=settings.kubernetes.priority_class),
        guaranteed=True,
        resources=Resources(memory=mebibytes(cache.memory), cpu=cache.cpu),
        stop_grace=30,
    )


def _ready() -> Command:
    """An authenticated PING with a check of its answer: redis-cli exits 0 on NOAUTH and LOADING."""
    return Command(argv=("sh", "-c", f"{PING} | grep -qx PONG"))


def _alive() -> Command:
    """Any answer of the server: LOADING, MISCONF with a full disk, BUSY, NOAUTH, or that it has no
    connection left. A restart would mend none of them.

    Every reply starts with a word in capitals, also after `AUTH failed: `, by which redis-cli
    prints the answer to a wrong login. Its own errors do not, such as `Could not connect` and
    `Error: Server closed the connection`.
    """
    reply = "sed 's/^AUTH failed: //' | grep -qE '^[A-Z]{2,}( |$)'"
    return Command(argv=("sh", "-c", f"{PING} 2>&1 | {reply}"))
