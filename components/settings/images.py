"""Which images run, and the mirror that they come from."""

from typing import Literal

from pydantic import Field, SecretStr

from components.settings.model import Model
from components.settings.values import Reference, Repository

CatalogueName = Literal["official", "debian"]
Platform = Literal["linux/amd64", "linux/arm64"]
ImageName = Literal[
    "postgres",
    "redis",
    "python",
    "nginx",
    "prometheus",
    "alertmanager",
    "grafana",
    "postgres-exporter",
    "redis-exporter",
    "nginx-exporter",
    "cloudnative-pg",
    "pgbouncer",
]


class Registry(Model):
    """A mirror that every image comes from, its path kept."""

    url: Repository = Field(
        description="Host, port and path of the mirror, such as `registry.example.com/mirror`.",
    )
    user: str | None = Field(None, description="User name, where the mirror asks for one.")
    password: SecretStr | None = Field(None, description="Its password. Set it with `--secret`.")


class Images(Model):
    """Which images run."""

    catalogue: CatalogueName = Field(
        "official",
        description="`official` pulls the projects' own images; `debian` runs those that "
        "`make up` built from Debian's packages where no image registry answers.",
    )
    references: dict[ImageName, Reference] = Field(
        default_factory=dict,
        description="Another reference for an image of the catalogue, with the same contract.",
    )
    repository: Repository | None = Field(
        None,
        description="Where a cluster pulls the images that are built from source and `make images` "
        "pushes them, such as `registry.example.com/ai-platform`; none takes `ai-platform` at "
        "`registry.url`. On Docker the engine builds them.",
    )
    platform: Platform = Field(
        "linux/amd64",
        description="The platform of the cluster's nodes, which `make images` builds for. Another "
        "platform than the engine's own needs an engine with emulation (binfmt) and base images of "
        "that platform, which the `debian` catalogue lacks. On Docker the engine builds for its "
        "own platform.",
    )
