"""Which images run, and which registry they come from."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr

from components.images import ENTRIES, POSTGRES
from components.settings.base import Model
from components.settings.problems import Problem
from components.settings.shapes import Reference, Repository

if TYPE_CHECKING:
    from components.settings.stack import Settings

SERVER = "postgres"
"""The name of the image of the database server, whatever its version is."""
CatalogueName = Literal["official", "debian"]
Platform = Literal["linux/amd64", "linux/arm64"]
# The names in the catalogue, which editors suggest and settings may replace.
if TYPE_CHECKING:
    ImageName = str
else:
    ImageName = Literal[tuple(ENTRIES)]


class Registry(Model):
    """A mirror that every image is pulled from, under the path that it has at its origin."""

    EXAMPLE = """
        config:
          ai-platform:registry:
            url: registry.example.com/mirror
            user: puller
            # pulumi config set --secret --path 'ai-platform:registry.password'
            password:
              secure: v1:mB6b2JYxN2o=:tP7e
    """

    url: Repository = Field(
        description="The host, port and path of the mirror, such as `registry.example.com/mirror`.",
    )
    user: str | None = Field(None, description="The user name, if the mirror requires a login.")
    password: SecretStr | None = Field(
        None, description="The password of `user`. Set it with `--secret`."
    )


class Images(Model):
    """Which images run."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            # `make images` pushes what is built from source here.
            repository: registry.example.com/ai-platform
            platform: linux/arm64
            references:
              redis: registry.example.com/acme/redis:7.2.5-hardened
    """

    catalogue: CatalogueName = Field(
        "official",
        description="`official` pulls the projects' own images. `debian` runs the images that "
        "`make up` builds from Debian's packages where no image registry answers.",
    )
    references: dict[ImageName, Reference] = Field(
        default_factory=dict,
        description="Replacements for images of the catalogue. Each must behave like the image "
        "that it replaces. `make lock` does not lock them; a reference may have a digest.",
    )
    repository: Repository | None = Field(
        None,
        description="Where `make images` pushes the images that are built from source, and a "
        "cluster pulls them, such as `registry.example.com/ai-platform`. The default is "
        "`ai-platform` at `registry.url`. On Docker the engine builds these images.",
    )
    platform: Platform = Field(
        "linux/amd64",
        description="The platform of the cluster's nodes, which `make images` builds for. Another "
        "platform than the engine's own needs an engine with emulation (binfmt) and base images of "
        "that platform, which the `debian` catalogue lacks. On Docker the engine builds for its "
        "own platform.",
    )


def reference(images: Images, name: ImageName) -> str | None:
    """The reference of the stack's own, or that of the chosen catalogue; None if it lacks one."""
    entry = ENTRIES[name]
    in_catalogue = entry.debian if images.catalogue == "debian" else entry.official
    return images.references.get(name) or in_catalogue


def has(images: Images, name: ImageName) -> bool:
    """Whether the chosen catalogue, or a reference of the stack's own, has an image."""
    return reference(images, name) is not None


def postgres_reference(images: Images, version: int) -> tuple[str, str | None]:
    """The name and the reference of the image with this version of PostgreSQL; the reference is
    None if there is none.

    A stack that moves to another version may have references of its own for both. Therefore the one
    that names the version takes precedence over `postgres`, whose version only its tag tells.
    """
    name = POSTGRES.get(version)
    if name and (name in images.references or SERVER not in images.references):
        return name, reference(images, name)
    return SERVER, images.references.get(SERVER)


def postgres_version(reference: str) -> int | None:
    """The major version of PostgreSQL that a tag names: `15.4-alpine` and `2.14-pg15` do."""
    tag = reference.partition("@")[0].rpartition("/")[2].partition(":")[2]
    match = re.search(r"(?:^|[-_.])pg(\d{2})(?!\d)", tag) or re.match(r"v?([12]\d)(?!\d)", tag)
    return int(match[1]) if match else None


def rules(settings: "Settings") -> Iterator[Problem]:
    registry = settings.registry
    if registry and (registry.user is None) != (registry.password is None):
        yield Problem(path="registry", allowed="both `user` and `password`, or neither")
    if settings.target == "kubernetes":
        yield from _repository(settings)


def _repository(settings: "Settings") -> Iterator[Problem]:
    """A cluster cannot build images, so it pulls what is built from source."""
    if settings.images.repository or settings.registry:
        return
    paths = [path for path, service in settings.http_services.items() if service.build]
    alternatives = [f"an `image` for each of {', '.join(paths)}"] if paths else []
    if settings.data.built_in_backup and not has(settings.images, "backup"):
        alternatives.append("images.references.backup or data.backup: false")
    if alternatives:
        yield Problem(
            path="images.repository",
            found="null",
            allowed="the repository to which `make images` pushes what is built from source, or "
            + ", and ".join(alternatives),
        )
