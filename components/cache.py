"""The cache tier: Redis 7 and its exporter, or a server that the user has."""

from dataclasses import dataclass

from components.images import Catalogue
from components.settings import Settings, mebibytes, revealed
from components.text import SECRETS, Secret, Text
from components.tier import Tier
from components.workload import (
    EXPORTER,
    Address,
    Command,
    File,
    Health,
    Outside,
    Port,
    Resources,
    Volume,
    Workload,
)

TIER = "cache"
REDIS = Address(workload="redis", port=6379)

APPLICATION = Secret(name="redis-app-password")
MONITOR = Secret(name="redis-monitor-password")
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

# Passwords stand here as SHA-256 only. The application may not administer the server; the monitor
# may read figures and no key.
USERS = """\
user default off
user platform on #${redis-app-password:sha256} ~* &* +@all -@admin -@dangerous
user monitor on #${redis-monitor-password:sha256} resetkeys -@all +ping +info +config|get \
+slowlog|len +slowlog|get +latency|latest +latency|histogram +client|list +client|setname \
+cluster|info +memory|stats +dbsize
"""


@dataclass(frozen=True, kw_only=True)
class CacheConnection:
    """How a service reaches the cache: values, so that nobody rebuilds them."""

    host: str
    port: int
    user: str
    password: Secret
    reach: Address | Outside
    starts_after: tuple[str, ...] = ()
    scheme: str = "redis"

    @property
    def url(self) -> Text:
        place = f"${{{self.password.name}:url}}"
        return Text(
            name="cache-url",
            template=f"{self.scheme}://{self.user}:{place}@{self.host}:{self.port}/0",
            secrets=(self.password,),
        )


class CacheTier(Tier):
    connection: CacheConnection

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.connection = connection(settings)
        builtin = settings.cache.mode == "builtin"
        super().__init__(TIER, (redis(settings, catalogue), exporter(catalogue)) if builtin else ())


def connection(settings: Settings) -> CacheConnection:
    """The connection of the application's user."""
    external = settings.cache.external
    if external is None:
        return CacheConnection(
            host=REDIS.host,
            port=REDIS.port,
            user="platform",
            password=APPLICATION,
            reach=REDIS,
            starts_after=(REDIS.workload,),
        )
    return CacheConnection(
        host=external.host,
        port=external.port,
        user=external.user,
        scheme="rediss" if external.tls else "redis",
        password=Secret(name="cache-password", given=revealed(external.password)),
        reach=Outside(name="cache", ports=(external.port,), cidrs=tuple(external.cidrs)),
    )


def redis(settings: Settings, catalogue: Catalogue) -> Workload:
    configuration = CONFIGURATION.format(acl=ACL, maxmemory=mebibytes(settings.cache.maxmemory))
    return Workload(
        name=REDIS.workload,
        tier=TIER,
        image=catalogue.image("redis"),
        command=("redis-server", "/etc/redis/redis.conf"),
        files=(
            File(path="/etc/redis/redis.conf", content=Text(template=configuration)),
            File(path=ACL, content=Text(template=USERS, secrets=(APPLICATION, MONITOR))),
            File(path=MONITOR.path, content=MONITOR.text),
        ),
        volumes=(Volume(name="redis", path="/data", size=settings.cache.size),),
        ports=(Port(name="redis", number=REDIS.port),),
        ready=Health(ask=_ping("grep -qx PONG")),
        # A server that loads its file answers LOADING: alive, and not ready.
        alive=Health(ask=_ping("grep -qE '^(PONG|LOADING)'"), period=10, failures=6),
        resources=Resources(memory=mebibytes(settings.cache.memory), cpu=settings.cache.cpu),
        stop_grace=30,
    )


def _ping(expected: str) -> Command:
    """An authenticated PING whose answer is read: redis-cli exits 0 on NOAUTH and on LOADING."""
    ask = f'REDISCLI_AUTH="$(cat {MONITOR.path})" redis-cli --user monitor ping | {expected}'
    return Command(argv=("sh", "-c", ask))


def exporter(catalogue: Catalogue) -> Workload:
    passwords = Secret(name="redis-exporter-passwords").path
    return Workload(
        name="redis-exporter",
        tier=TIER,
        metrics_of=REDIS.workload,
        image=catalogue.image("redis-exporter"),
        env={
            "REDIS_ADDR": REDIS.url("redis"),
            "REDIS_USER": "monitor",
            "REDIS_PASSWORD_FILE": passwords,
        },
        files=(
            File(
                path=passwords,
                content=Text(
                    template=f'{{"{REDIS.url("redis")}": "${{{MONITOR.name}}}"}}',
                    secrets=(MONITOR,),
                ),
            ),
        ),
        ports=(Port(name="metrics", number=9121, metrics="/metrics"),),
        reaches=(REDIS,),
        resources=EXPORTER,
    )
