"""The formats of the data that a stack keeps, which the stack's state remembers.

A server of one major version cannot read the data of another. So each tier's component has, as its
output, the format of each volume. The outputs of a component stay in the state as long as its
volumes do, also when `down` leaves nothing but these.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pulumi

from components.addresses import PROJECT
from components.operated import PostgresCluster
from components.tier import Description
from components.workload import Part

OUTPUT = "formats"

# The types of resources that hold data.
_DATA = ("Volume", "PersistentVolumeClaim", "Cluster")


def of(parts: Iterable[Description]) -> dict[str, str]:
    """The format of each volume that has one, by the volume's name."""
    return dict(_formats(parts))


def remembered(outputs: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The formats after the stack's last update, from the outputs of each resource by its URN.

    A volume that was never created has no format.
    """
    formats: dict[str, str] = {}
    existing = set()
    for urn, values in outputs.items():
        kind, name = urn.split("::")[2:4]
        if kind.rpartition(":")[2] in _DATA:
            existing.add(name.removeprefix("volume-"))
        if kind.startswith(f"{PROJECT}:") and "$" not in kind:
            formats |= values.get(OUTPUT) or {}
    return {volume: readable for volume, readable in formats.items() if volume in existing}


def refuse_other_formats(parts: Iterable[Description], remembered: Mapping[str, str]) -> None:
    """Raises RunError with every volume whose data the server could not read."""
    wrong = [
        f"{volume} holds data of {remembered[volume]}, and the stack file asks for {wanted}"
        for volume, wanted in _formats(parts)
        if remembered.get(volume, wanted) != wanted
    ]
    if wrong:
        raise pulumi.RunError(
            "a server cannot read the data of another major version. Nothing was changed. Set "
            "data.version, and the image if images.references names one, back to the version of "
            'the data; docs/data.md, "Another major version", says how to move the data:\n'
            + "\n".join(wrong)
        )


def _formats(parts: Iterable[Description]) -> Iterator[tuple[str, str]]:
    for part in parts:
        match part:
            case PostgresCluster(name=name, format=wanted):
                yield name, wanted
            case Part(volumes=volumes):
                yield from ((volume.name, volume.format) for volume in volumes if volume.format)
