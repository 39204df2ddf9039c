"""The images of the cluster's node and of what runs on every cluster."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import base, built
from airgap import images as debian
from airgap.command import run, succeeds
from airgap.program import Program
from cluster.programs import (
    COREDNS,
    FIREWALL,
    INGRESS,
    KUBERNETES,
    METRICS,
    STORAGE,
)

HERE = Path(__file__).parent
Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image from a folder and the programs that it gets in the folder `programs`."""

    reference: str
    folder: Path
    programs: tuple[Program, ...] = ()

    def source(self, base: str) -> str:
        """A digest of all that it is built from."""
        return built.digest(self.folder, base, *(program.source for program in self.programs))


def _of(program: Program) -> Image:
    return Image(
        reference=f"ai-platform/{program.name}:v{program.version}",
        folder=HERE / "images" / "program",
        programs=(program,),
    )


NODE = Image(
    reference="ai-platform/node:debian12", folder=HERE / "node", programs=(KUBERNETES, FIREWALL)
)
BUSYBOX = Image(reference="ai-platform/busybox:debian12", folder=HERE / "images" / "busybox")
PULLED = (BUSYBOX, *(_of(program) for program in (COREDNS, STORAGE, INGRESS, METRICS)))
"""What the node pulls from the cluster's registry."""


def ensure(programs: Path, report: Report) -> None:
    """Build what is missing or out of date, with the programs in the folder `programs`."""
    below = built.find(base.NAME) or base.make()
    current = 0
    for image in (NODE, *PULLED):
        source = image.source(below.id)
        old = built.find(image.reference)
        if old is not None and old.source == source:
            current += 1
            continue
        _build(image, programs, source)
        report(f"{image.reference}: built, {built.expect(image.reference).size // 10**6} MB")
        built.forget(old)
    report(f"{current} of {1 + len(PULLED)} images were current")


def push(registry: str) -> None:
    """Have what the node pulls in the cluster's registry.

    The engine pushes a tag only, which stays where it was there before, and else goes again.
    """
    for image in PULLED:
        there = f"{registry}/{image.reference}"
        kept = succeeds("docker", "image", "inspect", there)
        run("docker", "tag", image.reference, there)
        try:
            run("docker", "push", "--quiet", there)
        finally:
            if not kept:
                run("docker", "image", "rm", there)


def _build(image: Image, programs: Path, source: str) -> None:
    with TemporaryDirectory() as scratch:
        context = Path(shutil.copytree(image.folder, Path(scratch) / "context"))
        (context / "programs").mkdir()
        for program in image.programs:
            shutil.copy2(programs / program.name, context / "programs")
        debian.build(context, image.reference, source)
