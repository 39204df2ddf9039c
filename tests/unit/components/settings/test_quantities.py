"""Amounts of memory."""

from typing import Any

import pytest

from components.settings import mebibytes, merged
from components.settings.quantities import whole
from tests.unit.components.settings.refusals import paths_on_both, refusal
from tests.unit.describing import KUBERNETES, settings
from tests.unit.rendering import render


@pytest.mark.parametrize(
    ("text", "number"), [("1Mi", 1), ("512Mi", 512), ("2Gi", 2048), ("1Ti", 1048576)]
)
def test_memory_counts_in_mebibytes(text: str, number: int) -> None:
    assert mebibytes(text) == number


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.5Gi", "1536Mi"),
        ("0.5Gi", "512Mi"),
        ("1.0Gi", "1Gi"),
        ("2.5Ti", "2560Gi"),
        # 1228.8 MiB.
        ("1.2Gi", "1228Mi"),
        ("1.5Mi", "1Mi"),
        ("1536Mi", "1536Mi"),
        ("1024Mi", "1024Mi"),
    ],
)
def test_an_amount_with_a_decimal_point_is_one_without(text: str, amount: str) -> None:
    assert whole(text) == amount


def test_less_than_a_mebibyte_is_no_amount() -> None:
    with pytest.raises(ValueError, match="1Mi"):
        whole("0.5Mi")


def test_two_spellings_of_one_amount_render_the_same() -> None:
    decimal, plain = (
        settings({"data": {"size": size, "memory": size}, "cache": {"memory": size}})
        for size in ("1.5Gi", "1536Mi")
    )
    assert decimal == plain


@pytest.mark.parametrize("target", ["docker", "kubernetes"])
def test_an_amount_with_a_decimal_point_renders_as_one_without(target: str) -> None:
    decimal, plain = (
        render(
            {
                **(KUBERNETES if target == "kubernetes" else {}),
                "data": {"size": size, "memory": size},
                "cache": {"memory": size, "size": size},
                "observability": {"size": size, "memory": size},
            }
        )
        for size in ("1.5Gi", "1536Mi")
    )
    assert decimal.resources == plain.resources


def test_an_error_shows_an_amount_as_it_was_written() -> None:
    assert "found    '6.5Mi'" in refusal({"cache": {"memory": "6.5Mi", "maxmemory": "1Mi"}})


def with_amount(path: str, amount: str) -> dict[str, Any]:
    """A stack whose setting at this dotted path is the amount."""
    config: Any = amount
    for key in reversed(path.split(".")):
        config = {key: config}
    image = {"api": {"services": {"reports": {"image": "acme/reports:1"}}}}
    return merged({"cache": {"maxmemory": "1Mi"}, **(image if "reports" in path else {})}, config)


@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("api.services.backend.memory", 64),
        ("api.services.reports.memory", 16),
        ("web.gateway.memory", 16),
        ("web.frontend.memory", 16),
        ("cache.memory", 27),
        ("observability.memory", 128),
        ("cache.size", 192),
        ("data.size", 256),
        ("observability.size", 256),
    ],
)
def test_a_part_has_at_least_the_memory_and_the_storage_with_which_it_starts(
    path: str, least: int
) -> None:
    assert paths_on_both(with_amount(path, f"{least - 1}Mi")) == [path]
    assert paths_on_both(with_amount(path, f"{least}Mi")) == []
    assert f"allowed  at least {least}Mi: " in refusal(with_amount(path, "6Mi"))
