"""The images that a stack builds from source, outside of it; for a cluster they are pushed."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click

from airgap import images as debian
from airgap import wheels
from components.catalogue import Catalogue
from components.container import Build
from components.images import ENTRIES
from components.settings import ImageName, Problem, Settings, SettingsError
from operations import stack_file, steps
from operations.engine import docker
from operations.workspace import ROOT, Workspace


def images(stack: str) -> None:
    """Build what the stack builds, and push it where a cluster pulls it from."""
    make(stack_file.settings(Workspace.of(stack)))


def make(settings: Settings) -> None:
    """Build what the settings say, under a tag that changes with its content.

    For a Kubernetes stack it is built for the nodes' platform and pushed to where the cluster
    pulls it from, and so are the images of the `debian` catalogue, which no registry has.
    """
    catalogue = Catalogue(settings)
    push = settings.target == "kubernetes"
    platform = settings.images.platform if push else None
    if platform and settings.images.catalogue == "debian":
        _expect(platform)
    if settings.images.catalogue == "debian":
        with steps.step("Images from Debian's packages") as report:
            debian.ensure(report)
            for name in ENTRIES if push else ():
                _copy(name, catalogue)
    for build in sorted(builds(settings, catalogue), key=lambda build: build.context):
        context = ROOT / build.context
        with steps.step(f"{context.name} from {build.context}") as report:
            requirements = context / "requirements.txt"
            if settings.images.catalogue == "debian" and requirements.exists():
                wheels.download(requirements, context / "wheels", report)
            reference = catalogue.pushed(build)
            _build(reference, context, build.base, platform)
            if platform:
                _expect_built(reference, build.base, platform)
            if push:
                docker("push", "--quiet", reference)
            report(f"image: {reference}")


def builds(settings: Settings, catalogue: Catalogue) -> Iterator[Build]:
    """What the stack builds from source."""
    if settings.web.build:
        yield catalogue.build("web", settings.web.build, "nginx")
    for name, service in settings.api.services.items():
        if service.build:
            yield catalogue.build(name, service.build, "python")


def _copy(name: ImageName, catalogue: Catalogue) -> None:
    """Push an image of the debian catalogue to the stack's registry, where it has one."""
    local = ENTRIES[name].debian
    if local is None or not catalogue.has(name):
        return
    reference = catalogue.image(name).reference
    if reference != local:
        docker("tag", local, reference)
        docker("push", "--quiet", reference)


def _expect(platform: str) -> None:
    """SettingsError where images of the `debian` catalogue are for another platform."""
    own = docker("version", "--format", "{{.Server.Os}}/{{.Server.Arch}}").strip()
    if own != platform:
        problem = Problem(
            path="images.platform",
            found=repr(platform),
            allowed=f"{own!r} with images.catalogue: debian, whose images are built for this "
            "engine's own platform",
        )
        raise SettingsError((problem,))


def _expect_built(reference: str, base: str, platform: str) -> None:
    """ClickException where the engine took a base that it had for another platform.

    The classic builder does so without a word.
    """
    built = docker("image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", reference).strip()
    if built != platform:
        raise click.ClickException(
            f"{reference} was built for {built}, and images.platform is {platform}: the engine has "
            f"{base} for {built}. It was not pushed. Run `docker pull --platform {platform} "
            f"{base}` and try again."
        )


def _build(reference: str, context: Path, base: str, platform: str | None) -> None:
    command = ["docker", "build", "--quiet", "--build-arg", f"BASE={base}"]
    command += ["--platform", platform] if platform else []
    subprocess.run(
        [*command, "--tag", reference, str(context)],
        check=True,
        capture_output=True,
        text=True,
        # The client may lack the plugin that BuildKit needs; the classic builder is always there.
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )
