"""The catalogue: every image that the platform runs and has not built, with its contract.

Two catalogues keep one contract (tests/e2e/contracts/): `official` is what the
projects publish; `debian` is built by airgap/ where no image registry answers. Configuration and
rules use only what the oldest and the newest version here understand.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from components import sources
from components.settings import Settings
from components.settings.models import ImageName
from components.workload import PROJECT, Build, Identity, Image

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One image in both catalogues; None where a catalogue has not got it."""

    official: str
    debian: str | None
    identity: Identity
    stop_signal: str = "SIGTERM"
    client: Literal["wget", "curl", "python3"] | None = None


NOBODY = Identity(uid=65534, gid=65534)

ENTRIES: dict[ImageName, Entry] = {
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
        client="python3",
    ),
    "nginx": Entry(
        official="nginxinc/nginx-unprivileged:1.30.4-trixie",
        debian="ai-platform/nginx:debian12",
        identity=Identity(uid=101, gid=101),
        stop_signal="SIGQUIT",
        client="curl",
    ),
    "prometheus": Entry(
        official="prom/prometheus:v2.53.5",
        debian="ai-platform/prometheus:debian12",
        identity=NOBODY,
        client="wget",
    ),
    "alertmanager": Entry(
        official="prom/alertmanager:v0.28.1",
        debian="ai-platform/alertmanager:debian12",
        identity=NOBODY,
        client="wget",
    ),
    "grafana": Entry(
        official="grafana/grafana:11.6.0",
        debian=None,
        identity=Identity(uid=472, gid=0),
        client="wget",
    ),
    "postgres-exporter": Entry(
        official="prometheuscommunity/postgres-exporter:v0.15.0",
        debian="ai-platform/postgres-exporter:debian12",
        identity=NOBODY,
        client="wget",
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
    # An operator's images: its own program in them starts and asks the server.
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


class Catalogue:
    """The images of one stack: the chosen catalogue, references of its own, and the mirror."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def has(self, name: ImageName) -> bool:
        return self._reference(name) is not None

    def image(self, name: ImageName) -> Image:
        """An image by name; KeyError where the chosen catalogue has not got it."""
        reference = self._reference(name)
        if reference is None:
            raise KeyError(f"the {self._settings.images.catalogue} catalogue has no {name}")
        entry = ENTRIES[name]
        return Image(
            reference=self.mirrored(reference),
            identity=entry.identity,
            stop_signal=entry.stop_signal,
            client=entry.client,
        )

    def build(self, context: str, base: ImageName) -> Build:
        return Build(
            context=context,
            base=self.image(base).reference,
            source=sources.digest(ROOT / context),
        )

    def built(self, name: str, build: Build) -> str:
        """The reference of an image that is built from source.

        An engine builds it under a name of ours; a cluster pulls it from the repository that
        `make images` pushes it to.
        """
        return f"{PROJECT}/{name}" if self._settings.target == "docker" else self.pushed(build)

    def pushed(self, build: Build) -> str:
        """The reference under which `make images` builds it: the tag changes with its content."""
        tag = sources.tag(build.source, build.base, self._settings.images.platform)
        return f"{self.repository}/{Path(build.context).name}:{tag}"

    @property
    def repository(self) -> str:
        """Where images that are built from source are pushed to and pulled from."""
        registry = self._settings.registry
        mirror = f"{registry.url}/{PROJECT}" if registry else PROJECT
        return self._settings.images.repository or mirror

    def mirrored(self, reference: str) -> str:
        """The reference at the mirror, if the stack has one: its host changes, its path stays."""
        registry = self._settings.registry
        if registry is None:
            return reference
        host, slash, path = reference.partition("/")
        named_host = slash and ("." in host or ":" in host or host == "localhost")
        return f"{registry.url}/{path if named_host else reference}"

    def _reference(self, name: ImageName) -> str | None:
        own = self._settings.images.references.get(name)
        entry = ENTRIES[name]
        debian = self._settings.images.catalogue == "debian"
        return own or (entry.debian if debian else entry.official)
