"""Recently read decisions, in Redis. Without Redis the backend works, but more slowly."""

import logging
import time
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter
from pydantic import SecretStr, ValidationError
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from backend.schemas import Decision

log = logging.getLogger(__name__)

# Seconds. The database answers in a few ms, so a slower cache does not help.
TIMEOUT = 0.25
# Seconds without requests to a cache that has just failed, so that not every request waits for it.
REST = 2.0
# Seconds between two warnings about one outage.
WARNING_INTERVAL = 60.0


def connect(url: SecretStr, pool_size: int) -> Redis:
    """A client that connects at its first request and has short timeouts."""
    pool = BlockingConnectionPool.from_url(
        url.get_secret_value(),
        max_connections=pool_size,
        timeout=TIMEOUT,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        # The client sends only our commands and AUTH, so that an access list can allow only these.
        protocol=2,
        driver_info=None,
    )
    return Redis.from_pool(pool)


class Cache:
    """If Redis is down, `get` and `put` do not raise. They log a warning once a minute."""

    def __init__(self, redis: Redis, ttl_seconds: int, registry: CollectorRegistry) -> None:
        self._redis = redis
        self._ttl_seconds = ttl_seconds
        self._asked = Counter(
            "cache_requests", "Look-ups in the cache, by result", ["result"], registry=registry
        )
        for result in ("hit", "miss", "error"):
            self._asked.labels(result)
        self._rest_until = 0.0
        self._warned_at: float | None = None

    async def close(self) -> None:
        await self._redis.aclose()

    async def up(self) -> bool:
        """Return whether Redis answers an authenticated PING."""
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError):
            return False

    async def get(self, decision_id: UUID) -> Decision | None:
        if time.monotonic() < self._rest_until:
            self._asked.labels("error").inc()
            return None
        try:
            entry = await self._redis.get(_key(decision_id))
        except (RedisError, OSError) as error:
            self._asked.labels("error").inc()
            self._failed(error)
            return None
        self._recovered()
        try:
            decision = Decision.model_validate_json(entry) if entry else None
        except ValidationError:  # An entry of another release is overwritten.
            self._asked.labels("error").inc()
            return None
        self._asked.labels("hit" if decision else "miss").inc()
        return decision

    async def put(self, decision: Decision) -> None:
        if time.monotonic() < self._rest_until:
            return
        try:
            await self._redis.set(
                _key(decision.id), decision.model_dump_json(), ex=self._ttl_seconds
            )
        except (RedisError, OSError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        now = time.monotonic()
        self._rest_until = now + REST
        if self._warned_at is None or now - self._warned_at >= WARNING_INTERVAL:
            self._warned_at = now
            log.warning("the cache is unavailable, serving without it: %s", type(error).__name__)

    def _recovered(self) -> None:
        if self._warned_at is not None:
            self._warned_at = None
            log.info("the cache is back")


def _key(decision_id: UUID) -> str:
    return f"decision:{decision_id}"
