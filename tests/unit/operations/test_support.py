"""Which pins are past their support, as `make lock` prints it."""

from datetime import date

import pytest

from components.images import ENTRIES
from operations import support
from operations.support import Pin
from tests.unit.describing import ROOT

TODAY = date(2030, 5, 17)
PINS = [
    Pin(name="old", version="acme/old:1.0.0", supported_until=date(2030, 5, 16)),
    Pin(name="new", version="acme/new:2.0.0", supported_until=TODAY),
    Pin(name="rolling", version="acme/rolling:3.0.0", supported_until=None),
]


def test_a_pin_is_past_its_support_from_the_day_after_its_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    support.show(PINS, TODAY)
    lines = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()) for line in lines[:4]] == [
        "pin version support",
        "old acme/old:1.0.0 past its support since 2030-05-16",
        "new acme/new:2.0.0 supported until 2030-05-17",
        "rolling acme/rolling:3.0.0 no date, newest version only",
    ]
    assert lines[4].startswith("Past their support: old. docs/images.md says how")


def test_no_warning_is_printed_while_all_are_supported(capsys: pytest.CaptureFixture[str]) -> None:
    support.show(PINS[1:], TODAY)
    assert "Past their support" not in capsys.readouterr().out


def test_the_page_about_images_has_every_date() -> None:
    page = (ROOT / "docs" / "images.md").read_text()
    dates = {str(pin.supported_until) for pin in support.pins() if pin.supported_until}
    assert {day for day in dates if day not in page} == set()


def test_every_official_image_debian_and_kubernetes_are_listed() -> None:
    official = {entry.official for entry in ENTRIES.values() if entry.official}
    others = [pin.name for pin in support.pins() if pin.version not in official]
    assert others == ["debian catalogue", "make cluster"]
    assert len(support.pins()) == len(official) + 2
