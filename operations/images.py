"""The images that a stack builds from source, outside of it; for a cluster they are pushed."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from airgap import images as debian
from airgap import wheels
from components.images import ENTRIES, Catalogue
from components.settings import Settings
from components.settings.models import ImageName
from components.sources import tag
from components.workload import Build
from operations import stack_file, steps
from operations.engine import docker
from operations.workspace import ROOT, Workspace


def images(stack: str) -> None:
    """Build what the stack builds, and push it where a cluster pulls it from."""
    make(stack_file.settings(Workspace.of(stack)))


def make(settings: Settings) -> None:
    """Build what the settings say, under a tag that is its source's digest.

    For a Kubernetes stack it is pushed to where the cluster pulls it from, and so are the images
    of the `debian` catalogue, which are nowhere else.
    """
    catalogue = Catalogue(settings)
    push = settings.target == "kubernetes"
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
            reference = f"{catalogue.repository}/{context.name}:{tag(context, build.base)}"
            _build(reference, context, build.base)
            if push:
                docker("push", "--quiet", reference)
            report(f"image: {reference}")


def builds(settings: Settings, catalogue: Catalogue) -> Iterator[Build]:
    """What the stack builds from source."""
    if settings.web.build:
        yield catalogue.build(settings.web.build, "nginx")
    for service in settings.api.services.values():
        if service.build:
            yield catalogue.build(service.build, "python")


def _copy(name: ImageName, catalogue: Catalogue) -> None:
    """Push an image of the debian catalogue to the stack's registry, where it has one."""
    local = ENTRIES[name].debian
    if local is None or not catalogue.has(name):
        return
    reference = catalogue.image(name).reference
    if reference != local:
        docker("tag", local, reference)
        docker("push", "--quiet", reference)


def _build(reference: str, context: Path, base: str) -> None:
    command = ["docker", "build", "--quiet", "--build-arg", f"BASE={base}"]
    subprocess.run(
        [*command, "--tag", reference, str(context)],
        check=True,
        capture_output=True,
        text=True,
        # The client may lack the plugin that BuildKit needs; the classic builder is always there.
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )
