"""The images of the cluster's node and of its add-ons."""

from dataclasses import dataclass
from pathlib import Path

from airgap import base_image, engine_images
from airgap import images as debian_images
from airgap.command import run, succeeds
from airgap.program import Program
from airgap.report import Report
from cluster.programs import (
    COREDNS,
    FIREWALL,
    INGRESS,
    KUBERNETES,
    METRICS,
    STORAGE,
)
from components.source_digest import digest

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class NodeImage:
    """An image, built from a folder. The build context has these programs in `programs/`."""

    reference: str
    folder: Path
    programs: tuple[Program, ...] = ()

    def source(self, base_id: str) -> str:
        """A digest of everything that the image is built from."""
        return digest(self.folder, base_id, *(program.source for program in self.programs))


def _image_of(program: Program) -> NodeImage:
    return NodeImage(
        reference=f"ai-platform/{program.name}:v{program.version}",
        folder=HERE / "images" / "program",
        programs=(program,),
    )


NODE = NodeImage(
    reference="ai-platform/node:debian12", folder=HERE / "node", programs=(KUBERNETES, FIREWALL)
)
BUSYBOX = NodeImage(
    reference=debian_images.CATALOGUE["busybox"], folder=debian_images.SOURCES / "busybox"
)
PULLED = (BUSYBOX, *(_image_of(program) for program in (COREDNS, STORAGE, INGRESS, METRICS)))
"""The images that the node pulls from the cluster's registry."""


def ensure(programs: Path, report: Report) -> None:
    """Build the images that are missing or out of date; `programs` is the programs' folder."""
    base = engine_images.find(base_image.NAME) or base_image.build()
    current = 0
    for image in (NODE, *PULLED):
        source = image.source(base.id)
        previous = engine_images.find(image.reference)
        if previous is not None and previous.source == source:
            current += 1
            continue
        built = [programs / program.name for program in image.programs]
        debian_images.build_with(built, image.folder, image.reference, source)
        report(
            f"{image.reference}: built, {engine_images.expect(image.reference).size // 10**6} MB"
        )
        engine_images.remove_replaced(previous)
    report(f"{current} of {1 + len(PULLED)} images were up to date")


def push(registry: str) -> None:
    """Push the images that the node pulls into the cluster's registry."""
    for image in PULLED:
        push_one(registry, image.reference)


def push_one(registry: str, reference: str) -> None:
    """Push an image of the engine into a registry, under the same path.

    The engine can push only a tag. This function removes the tag again, unless it existed before.
    """
    pushed = f"{registry}/{reference}"
    existed = succeeds("docker", "image", "inspect", pushed)
    run("docker", "tag", reference, pushed)
    try:
        engine_images.push(pushed)
    finally:
        if not existed:
            run("docker", "image", "rm", pushed)
