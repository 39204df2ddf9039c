"""Which pinned versions their projects still support."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rich.table import Column, Table

from cluster.programs import KUBERNETES, KUBERNETES_SUPPORTED_UNTIL
from components.images import DEBIAN_SUPPORTED_UNTIL, ENTRIES
from operations import steps


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A version that this tree names, and the last day of its support, if the project says one."""

    name: str
    version: str
    supported_until: date | None

    def is_past(self, today: date) -> bool:
        return self.supported_until is not None and self.supported_until < today

    def support(self, today: date) -> str:
        if self.supported_until is None:
            return "no date, newest version only"
        if self.is_past(today):
            return f"past its support since {self.supported_until}"
        return f"supported until {self.supported_until}"


def pins() -> list[Pin]:
    """The official images, what the `debian` catalogue is built from, and `make cluster`."""
    images = [
        Pin(name=name, version=entry.official, supported_until=entry.supported_until)
        for name, entry in ENTRIES.items()
        if entry.official
    ]
    return [
        *images,
        Pin(
            name="debian catalogue",
            version="Debian 12",
            supported_until=DEBIAN_SUPPORTED_UNTIL,
        ),
        Pin(
            name="make cluster",
            version=f"Kubernetes {KUBERNETES.version}",
            supported_until=KUBERNETES_SUPPORTED_UNTIL,
        ),
    ]


def show(pins: Iterable[Pin], today: date) -> None:
    """Print a row for each pin, and a warning that names those that are past their support."""
    pins = list(pins)
    steps.console.print(table(pins, today))
    past = [pin.name for pin in pins if pin.is_past(today)]
    if past:
        steps.console.print(
            f"Past their support: {', '.join(past)}. docs/images.md says how to move to a newer "
            "version.",
            style="yellow",
            markup=False,
        )


def table(pins: Iterable[Pin], today: date) -> Table:
    columns = (Column(title, overflow="fold") for title in ("pin", "version", "support"))
    table = Table(*columns, box=None, pad_edge=False)
    for pin in pins:
        colour = "red" if pin.is_past(today) else None
        table.add_row(pin.name, pin.version, pin.support(today), style=colour)
    return table
