"""Build the images that a stack builds from source, and push them for a cluster."""

import os
import subprocess
from collections.abc import Iterator

import click

from airgap import engine_images, wheels
from airgap import images as debian_images
from components import image_lock
from components.catalogue import Catalogue
from components.container import Build
from components.images import ENTRIES
from components.settings import ImageName, Problem, Settings, SettingsError
from operations import stack_file, steps
from operations.docker_stack import docker
from operations.workspace import ROOT, Workspace


def images(stack: str) -> None:
    """Build the stack's images, and push them to the registry that its cluster pulls from."""
    build_all(stack_file.open_stack(Workspace.of(stack)))


def build_all(settings: Settings) -> None:
    """Build the images of these settings, under tags that change with the images' content.

    The images of a Kubernetes stack are built for the nodes' platform and pushed to the registry
    that the cluster pulls from. So are the images of the `debian` catalogue, because no other
    registry has them.
    """
    catalogue = Catalogue(settings, image_lock.digests(settings, image_lock.PATH))
    push = settings.target == "kubernetes"
    platform = settings.images.platform if push else None
    if platform and settings.images.catalogue == "debian":
        _expect_platform(platform)
    if settings.images.catalogue == "debian":
        with steps.step("Images from Debian's packages") as report:
            variants = debian_images.needed(settings)
            debian_images.ensure(report, variants)
            for name in ENTRIES if push else ():
                if name in variants or name not in debian_images.VARIANTS:
                    _copy(name, catalogue)
    for build in sorted(builds(settings, catalogue), key=_dockerfile):
        with steps.step(f"Image from {_dockerfile(build)}") as report:
            if settings.images.catalogue == "debian":
                wheels.ensure(ROOT / build.context, build.dockerfile, report)
            reference = catalogue.pushed(build)
            _build(reference, build, platform)
            if platform:
                _expect_built(reference, build.base, platform)
            if push:
                engine_images.push(reference)
            report(f"image: {reference}")


def builds(settings: Settings, catalogue: Catalogue) -> Iterator[Build]:
    """The images that the stack builds from source."""
    page = settings.web.frontend
    if page and page.build:
        yield catalogue.build("web", page.build, "nginx")
    for name, service in settings.api.services.items():
        if service.build:
            yield catalogue.build(name, service.build, "python")
    backup = catalogue.backup_build() if settings.data.built_in_backup else None
    if backup:
        yield backup


def _dockerfile(build: Build) -> str:
    """The path of its Dockerfile from the repository's root."""
    return f"{build.context}/{build.dockerfile}"


def _copy(name: ImageName, catalogue: Catalogue) -> None:
    """Push an image of the `debian` catalogue to the stack's registry, if the catalogue has it."""
    local = ENTRIES[name].debian
    if local is None or not catalogue.has(name):
        return
    reference = catalogue.mirrored(local)
    if reference != local:
        docker("tag", local, reference)
        engine_images.push(reference)


def _expect_platform(platform: str) -> None:
    """Raise SettingsError where `platform` is not the platform of the `debian` images here."""
    engine_platform = docker("version", "--format", "{{.Server.Os}}/{{.Server.Arch}}").strip()
    if engine_platform != platform:
        problem = Problem(
            path="images.platform",
            found=repr(platform),
            allowed=f"{engine_platform!r} with images.catalogue: debian, because this engine "
            "builds those images for its own platform",
        )
        raise SettingsError((problem,))


def _expect_built(reference: str, base: str, platform: str) -> None:
    """Raise ClickException where the engine used a base image of another platform.

    The classic builder uses such a base image without a warning.
    """
    system = "{{.Os}}/{{.Architecture}}"
    image_platform = docker("image", "inspect", "--format", system, reference).strip()
    if image_platform != platform:
        raise click.ClickException(
            f"{reference} was built for {image_platform}, but images.platform is {platform}: the "
            f"engine has {base} for {image_platform}. The image was not pushed. Run "
            f"`docker pull --platform {platform} {base}` and try again."
        )


def _build(reference: str, build: Build, platform: str | None) -> None:
    command = ["docker", "build", "--quiet", "--build-arg", f"BASE={build.base}"]
    command += ["--platform", platform] if platform else []
    command += ["--file", str(ROOT / _dockerfile(build))]
    subprocess.run(
        [*command, "--tag", reference, str(ROOT / build.context)],
        check=True,
        capture_output=True,
        text=True,
        # The client may lack the plugin that BuildKit needs; the engine has the classic builder.
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )
