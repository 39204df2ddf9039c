"""Static programs for containers whose images lack them, in one volume of the stack.

A job copies each program from its image into the volume, which other containers mount read-only. It
runs again when the image changes. An engine sends each health check over HTTP from inside the
container, so the container needs a program for it.
"""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from components.container import TOOLS, Container, Http, Image, Resources
from components.derived_names import opening_name
from components.targets.docker.containers import health_of
from components.targets.shared_names import BUSYBOX_TOOL, SUPERCRONIC_TOOL
from components.workload import Job, Part

VOLUME = "tools"
# The label of its containers. It is no tier: the target itself needs them.
TIER = "engine"
# A new volume takes the owner and the mode of the directory in the image where it is first mounted.
# Everybody may write to this one.
DIRECTORY = "/tmp"
SMALL = Resources(memory=16, cpu=0.5)


def uses(container: Container) -> bool:
    """Whether a container runs one of the programs, or has a health check over HTTP."""
    health = health_of(container)
    asked_over_http = health is not None and isinstance(health.ask, Http)
    return asked_over_http or any(word.startswith(f"{TOOLS}/") for word in container.entrypoint)


def needed(parts: Iterable[Part]) -> bool:
    """Whether a container of these parts uses the programs."""
    return any(uses(container) for part in parts for container in part.containers())


def busybox(image: Image) -> Job:
    """The job that copies the program of the catalogue's busybox."""
    return _copy(BUSYBOX_TOOL, image, PurePosixPath("/bin/busybox"))


def supercronic(image: Image) -> Job:
    """The job that copies the scheduler, and names busybox so that it is the scheduler's shell."""
    link = f"ln -sf busybox {DIRECTORY}/sh"
    return _copy(SUPERCRONIC_TOOL, image, PurePosixPath("/bin/supercronic"), link)


def openings(part: Part, image: Image) -> Iterator[tuple[str, Job]]:
    """The jobs that open a part's volumes: to its user, whose image may lack their directories, and
    to the user of the step that fills one.

    A job only mounts the volume of this name over a directory to which everybody may write.
    """
    for volume in part.volumes:
        if volume.opened:
            yield (
                volume.name,
                Job(
                    name=opening_name(volume.name),
                    tier=part.tier,
                    asked_by="target: docker",
                    image=image,
                    entrypoint=("/bin/busybox", "true"),
                    resources=SMALL,
                    limit=60,
                    retries=0,
                ),
            )


def _copy(name: str, image: Image, program: PurePosixPath, *more: str) -> Job:
    """A check that runs meanwhile keeps the old program, because the new one is another file."""
    new = f"{DIRECTORY}/{program.name}"
    steps = (f"cp {program} {new}.new", f"chmod 555 {new}.new", f"mv {new}.new {new}", *more)
    return Job(
        name=name,
        tier=TIER,
        asked_by="target: docker",
        image=image,
        entrypoint=("/bin/busybox", "sh", "-c"),
        command=(" && ".join(steps),),
        resources=SMALL,
        limit=60,
        retries=0,
    )
