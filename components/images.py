"""Every image that the platform runs but does not build from its own source.

The images of both catalogues fulfil the same contract (tests/e2e/contracts/). `official` has the
projects' own images, with exact versions: `make lock` adds their digests. `debian` has the images
that airgap/ builds where no image registry answers. Configuration and rules use only what the
oldest and the newest version here understand.

docs/images.md says why each line of versions was chosen, and how to move to another one.
"""

from dataclasses import dataclass
from datetime import date

from components.container import Identity


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One image in both catalogues; None where a catalogue lacks it.

    `supported_until` is the day on which the project ends the support of the official image's line
    of versions. It is None where the project publishes no such day and mends its newest release
    only.
    """

    official: str | None
    debian: str | None
    identity: Identity
    stop_signal: str = "SIGTERM"
    supported_until: date | None = None


NOBODY = Identity(uid=65534, gid=65534)

DEBIAN_SUPPORTED_UNTIL = date(2028, 6, 30)
"""When Debian ends the long-term support of Debian 12, which the `debian` catalogue is of (but
for PostgreSQL 17) and the `-bookworm` images are built on. Debian's own security team ended its
work on 2026-07-11."""

POSTGRESQL_15 = date(2027, 11, 11)  # postgresql.org/support/versioning


def _postgres(official: str, debian: str | None, supported_until: date) -> Entry:
    """An image of PostgreSQL. The images of all major versions have the same contract."""
    return Entry(
        official=official,
        debian=debian,
        identity=Identity(uid=999, gid=999),
        # Smart shutdown (SIGTERM) waits for every client to leave; fast shutdown does not.
        stop_signal="SIGINT",
        supported_until=supported_until,
    )


ENTRIES: dict[str, Entry] = {
    "postgres": _postgres(
        "postgres:15.20-bookworm", "ai-platform/postgres:15-debian12", POSTGRESQL_15
    ),
    # A move to another major version writes all data anew, so these may be on Debian 13.
    "postgres-16": _postgres("postgres:16.16-trixie", None, date(2028, 11, 9)),
    "postgres-17": _postgres(
        "postgres:17.12-trixie", "ai-platform/postgres:17-debian13", date(2029, 11, 8)
    ),
    "postgres-18": _postgres("postgres:18.7-trixie", None, date(2030, 11, 14)),
    "redis": Entry(
        official="redis:7.4.11-bookworm",
        debian="ai-platform/redis:7-debian12",
        identity=Identity(uid=999, gid=999),
        supported_until=date(2029, 12, 1),  # redis.io: version management
    ),
    "python": Entry(
        official="python:3.11.16-slim-bookworm",
        debian="ai-platform/python:3.11-debian12",
        identity=Identity(uid=10001, gid=10001),
        supported_until=date(2027, 10, 31),  # peps.python.org/pep-0664
    ),
    "nginx": Entry(
        official="nginxinc/nginx-unprivileged:1.30.4-trixie",
        debian="ai-platform/nginx:debian12",
        identity=Identity(uid=101, gid=101),
        stop_signal="SIGQUIT",
    ),
    "prometheus": Entry(
        official="prom/prometheus:v3.13.5",
        debian="ai-platform/prometheus:debian12",
        identity=NOBODY,
        supported_until=date(2027, 7, 31),  # prometheus.io: long-term support
    ),
    "alertmanager": Entry(
        official="prom/alertmanager:v0.35.0",
        debian="ai-platform/alertmanager:debian12",
        identity=NOBODY,
    ),
    "grafana": Entry(
        official="grafana/grafana:12.4.11",
        debian=None,
        identity=Identity(uid=472, gid=0),
        supported_until=date(2027, 5, 24),  # grafana.com: when to upgrade
    ),
    "postgres-exporter": Entry(
        official="prometheuscommunity/postgres-exporter:v0.20.1",
        debian="ai-platform/postgres-exporter:debian12",
        identity=NOBODY,
    ),
    "redis-exporter": Entry(
        official="oliver006/redis_exporter:v1.97.0",
        debian="ai-platform/redis-exporter:debian12",
        identity=Identity(uid=59000, gid=59000),
    ),
    "nginx-exporter": Entry(
        official="nginx/nginx-prometheus-exporter:1.5.3",
        debian="ai-platform/nginx-exporter:debian12",
        identity=Identity(uid=1001, gid=1001),
    ),
    # It has the filesystem collector only, beside each part that owns a kept volume.
    "node-exporter": Entry(
        official="prom/node-exporter:v1.11.1",
        debian="ai-platform/node-exporter:debian12",
        identity=NOBODY,
    ),
    # It asks the platform from outside in, as users do.
    "blackbox-exporter": Entry(
        official="prom/blackbox-exporter:v0.28.0",
        debian="ai-platform/blackbox-exporter:debian12",
        identity=NOBODY,
    ),
    # Its static program runs in the containers of an engine, and asks for their health.
    "busybox": Entry(
        official="busybox:1.37.0-musl",
        debian="ai-platform/busybox:debian12",
        identity=NOBODY,
    ),
    # No registry has an image of the scheduler. The engine compiles it on Go's image.
    "golang": Entry(official="golang:1.26.8-alpine3.24", debian=None, identity=NOBODY),
    "scheduler": Entry(
        official=None, debian="ai-platform/scheduler:0.2.48-debian12", identity=NOBODY
    ),
    # No registry has an image of the backup part. An engine, or `make images`, builds it on
    # PostgreSQL's image.
    "backup": Entry(official=None, debian=None, identity=Identity(uid=999, gid=999)),
    # The operator's own program in these images starts the server and checks its health.
    "cloudnative-pg": Entry(
        official="ghcr.io/cloudnative-pg/postgresql:15.19-202608170814-standard-bookworm",
        debian=None,
        identity=Identity(uid=26, gid=26),
        supported_until=POSTGRESQL_15,
    ),
    "pgbouncer": Entry(
        official="ghcr.io/cloudnative-pg/pgbouncer:1.25.2",
        debian=None,
        identity=Identity(uid=998, gid=996),
    ),
}

POSTGRES = {15: "postgres", 16: "postgres-16", 17: "postgres-17", 18: "postgres-18"}
"""The names of the images that have each major version of PostgreSQL."""
