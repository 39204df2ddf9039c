"""The images of one stack: which catalogue and mirror they come from, and which are built."""

from collections.abc import Mapping
from types import MappingProxyType

from components import dockerfile, source_digest
from components.addresses import PROJECT
from components.container import Build, Image
from components.images import ENTRIES
from components.plain_files import ROOT
from components.settings import (
    BuildContext,
    ImageName,
    Settings,
    image_reference,
    postgres_reference,
)

SCHEDULER, BACKUP, POSTGRES = "scheduler", "backup", "postgres"
UNLOCKED: Mapping[str, str] = MappingProxyType({})


class Catalogue:
    """Resolves image names with the chosen catalogue, the stack's own references, the mirror and
    the lock file's digests by reference."""

    def __init__(self, settings: Settings, digests: Mapping[str, str] = UNLOCKED) -> None:
        self._settings = settings
        self._digests = digests

    def of(self, settings: Settings) -> "Catalogue":
        """The catalogue of other settings of the same stack."""
        return Catalogue(settings, self._digests)

    def has(self, name: ImageName) -> bool:
        return self._reference(name) is not None

    def image(self, name: ImageName) -> Image:
        """The image of this name. Raises KeyError if the chosen catalogue lacks it."""
        if name not in ENTRIES:
            raise KeyError(f"components/images.py has no image {name}")
        reference = self._reference(name)
        if reference is None:
            raise KeyError(f"the {self._settings.images.catalogue} catalogue has no {name}")
        entry = ENTRIES[name]
        return Image(
            reference=self._locked(reference),
            identity=entry.identity,
            stop_signal=entry.stop_signal,
        )

    def build(self, name: str, source: BuildContext, base: ImageName) -> Build:
        """How to build an image of this name from a directory of the repository."""
        return Build(
            name=f"{PROJECT}/{name}",
            context=source.context,
            dockerfile=source.dockerfile,
            base=self.image(base).reference,
            source=source_digest.image_digest(ROOT / source.context, source.dockerfile),
        )

    def scheduler(self) -> Image:
        """The image with the scheduler of the Docker target. The engine builds it, unless the
        catalogue or the settings have one."""
        if self.has(SCHEDULER):
            return self.image(SCHEDULER)
        source = BuildContext(context=f"images/{SCHEDULER}", dockerfile="Dockerfile")
        build = self.build(SCHEDULER, source, "golang")
        identity = ENTRIES[SCHEDULER].identity
        return Image(reference=self.pushed(build), identity=identity, build=build)

    def backup(self) -> Image:
        """The image of the backup part, built on the server's own image, unless the settings have
        one."""
        build = self.backup_build()
        if build is None:
            return self.image(BACKUP)
        identity = ENTRIES[BACKUP].identity
        return Image(reference=self.pushed(build), identity=identity, build=build)

    def backup_build(self) -> Build | None:
        """How to build it; None if the settings have an image."""
        if self.has(BACKUP):
            return None
        source = BuildContext(context=f"images/{BACKUP}", dockerfile="Dockerfile")
        return self.build(BACKUP, source, "postgres")

    def pushed(self, build: Build) -> str:
        """The reference under which `make images` pushes an image. Its tag changes with its
        content.

        The image is named after its Dockerfile or directory, because several services may run it.
        """
        name = dockerfile.image_name(build.context, build.dockerfile)
        tag = source_digest.tag(build.source, build.base, self._settings.images.platform)
        return f"{self.repository}/{name or build.name.removeprefix(f'{PROJECT}/')}:{tag}"

    @property
    def repository(self) -> str:
        """Where `make images` pushes images that are built from source, and clusters pull them."""
        registry = self._settings.registry
        mirror = f"{registry.url}/{PROJECT}" if registry else PROJECT
        return self._settings.images.repository or mirror

    def mirrored(self, reference: str) -> str:
        """The reference at the mirror, if the stack has one. The host changes and the path
        stays."""
        registry = self._settings.registry
        if registry is None:
            return reference
        host, slash, path = reference.partition("/")
        named_host = slash and ("." in host or ":" in host or host == "localhost")
        return f"{registry.url}/{path if named_host else reference}"

    def _locked(self, reference: str) -> str:
        """The reference that runs: at the mirror, and with the digest that the lock file has."""
        digest = self._digests.get(reference)
        return f"{self.mirrored(reference)}@{digest}" if digest else self.mirrored(reference)

    def _reference(self, name: ImageName) -> str | None:
        """The reference of an image; that of `postgres` is the one of the stack's version."""
        if name == POSTGRES:
            return postgres_reference(self._settings.images, self._settings.data.version)[1]
        return image_reference(self._settings.images, name)
