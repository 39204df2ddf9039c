"""Every image that the platform runs but does not build from its own source.

The images of both catalogues fulfil the same contract (tests/e2e/contracts/). `official` has the
projects' own images. `debian` has the images that airgap/ builds where no image registry answers.
Configuration and rules use only what the oldest and the newest version here understand.
"""

from dataclasses import dataclass

from components.container import Identity


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One image in both catalogues; None where a catalogue lacks it."""

    official: str | None
    debian: str | None
    identity: Identity
    stop_signal: str = "SIGTERM"


NOBODY = Identity(uid=65534, gid=65534)

ENTRIES: dict[str, Entry] = {
    "postgres": Entry(
        official="postgres:15-bookworm",
        debian="ai-platform/postgres:15-debian12",
        identity=Identity(uid=999, gid=999),
        # Smart shutdown (SIGTERM) waits for every client to leave; fast shutdown does not.
        stop_signal="SIGINT",
    ),
    "redis": Entry(
        official="redis:7-bookworm",
        debian="ai-platform/redis:7-debian12",
        identity=Identity(uid=999, gid=999),
    ),
    "python": Entry(
        official="python:3.11-slim-bookworm",
        debian="ai-platform/python:3.11-debian12",
        identity=Identity(uid=10001, gid=10001),
    ),
    "nginx": Entry(
        official="nginxinc/nginx-unprivileged:1.30.4-trixie",
        debian="ai-platform/nginx:debian12",
        identity=Identity(uid=101, gid=101),
        stop_signal="SIGQUIT",
    ),
    "prometheus": Entry(
        official="prom/prometheus:v2.53.5",
        debian="ai-platform/prometheus:debian12",
        identity=NOBODY,
    ),
    "alertmanager": Entry(
        official="prom/alertmanager:v0.28.1",
        debian="ai-platform/alertmanager:debian12",
        identity=NOBODY,
    ),
    "grafana": Entry(
        official="grafana/grafana:11.6.0",
        debian=None,
        identity=Identity(uid=472, gid=0),
    ),
    "postgres-exporter": Entry(
        official="prometheuscommunity/postgres-exporter:v0.15.0",
        debian="ai-platform/postgres-exporter:debian12",
        identity=NOBODY,
    ),
    "redis-exporter": Entry(
        official="oliver006/redis_exporter:v1.62.0",
        debian="ai-platform/redis-exporter:debian12",
        identity=Identity(uid=59000, gid=59000),
    ),
    "nginx-exporter": Entry(
        official="nginx/nginx-prometheus-exporter:1.3.0",
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
    # The operator's own program in these images starts the server and checks its health.
    "cloudnative-pg": Entry(
        official="ghcr.io/cloudnative-pg/postgresql:15-standard-bookworm",
        debian=None,
        identity=Identity(uid=26, gid=26),
    ),
    "pgbouncer": Entry(
        official="ghcr.io/cloudnative-pg/pgbouncer:1.25.1",
        debian=None,
        identity=Identity(uid=998, gid=996),
    ),
}
