"""The formats of the data that a stack keeps, which the stack's state remembers.

A server of one major version cannot read the data of another. So each tier's component has, as its
output, the format of each volume. The outputs of a component stay in the state as long as its
volumes do, also when `down` leaves nothing but these.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pulumi

from components.addresses import PROJECT
from components.operated import PostgresCluster
from components.stack_name import name_in_commands
from components.tier import Description
from components.volumes import Volume
from components.workload import Part

OUTPUT, UNKNOWN = "formats", ""

# The types of resources that hold data.
_DATA = ("Volume", "PersistentVolumeClaim", "Cluster")


def of(parts: Iterable[Description]) -> dict[str, str]:
    """The format of each volume that has one, by the name under which the target keeps it."""
    return {volume.stored_as: readable for volume, readable in _formats(parts)}


def remembered(outputs: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The formats after the stack's last update, from the outputs of each resource by its URN.

    A volume that was never created is not among them. UNKNOWN is the format of one that a release
    created before it remembered formats, and of one that has none.
    """
    formats: dict[str, str] = {}
    existing = set()
    for urn, values in outputs.items():
        kind, name = urn.split("::")[2:4]
        if kind.rpartition(":")[2] in _DATA:
            existing.add(name.removeprefix("volume-"))
        if kind.startswith(f"{PROJECT}:") and "$" not in kind:
            formats |= values.get(OUTPUT) or {}
    return {volume: formats.get(volume, UNKNOWN) for volume in sorted(existing)}


def settled(parts: Iterable[Description], remembered: Mapping[str, str]) -> tuple[Description, ...]:
    """The parts with the volumes that the stack has already.

    Before volumes had generations, those of every format had the same name.
    """
    return tuple(
        replace(part, volumes=tuple(_settled(volume, remembered) for volume in part.volumes))
        if isinstance(part, Part) and any(volume.generation for volume in part.volumes)
        else part
        for part in parts
    )


def _settled(volume: Volume, remembered: Mapping[str, str]) -> Volume:
    if volume.format and remembered.get(volume.name) in (volume.format, UNKNOWN):
        return replace(volume, generation=None)
    return volume


def refuse_other_formats(parts: Iterable[Description], remembered: Mapping[str, str]) -> None:
    """Raises RunError with every volume whose data the server could not read."""
    wrong = {
        f"{stored} holds data of {present}, and the stack file asks for {wanted}": wanted
        for volume, wanted in _formats(parts)
        for stored, present in remembered.items()
        if present not in (wanted, UNKNOWN)
        and stored.rstrip("0123456789").removesuffix("-") == volume.name
    }
    if wrong:
        stack, version = name_in_commands(), next(iter(wrong.values())).rpartition(" ")[2]
        raise pulumi.RunError(
            "a server cannot read the data of another major version. Nothing was changed. To move "
            f"the data: make upgrade-database STACK={stack} TO={version}. Or set data.version, and "
            "the image if images.references names one, back to the version of the data "
            '(docs/data.md, "Another major version"):\n' + "\n".join(wrong)
        )


def _formats(parts: Iterable[Description]) -> Iterator[tuple[Volume, str]]:
    for part in parts:
        match part:
            case PostgresCluster(name=name, size=size, format=wanted):
                yield Volume(name=name, path="", size=size), wanted
            case Part(volumes=volumes):
                yield from ((volume, volume.format) for volume in volumes if volume.format)
