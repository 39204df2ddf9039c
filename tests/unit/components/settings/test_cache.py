"""Redis' settings."""

import pytest

from tests.unit.components.settings.refusals import paths, refusal


@pytest.mark.parametrize(
    ("memory", "right", "wrong"), [("128Mi", "96Mi", "97Mi"), ("1Gi", "768Mi", "1Gi")]
)
def test_the_cache_holds_at_most_three_quarters_of_its_memory(
    memory: str, right: str, wrong: str
) -> None:
    assert paths({"cache": {"memory": memory, "maxmemory": right}}) == []
    assert paths({"cache": {"memory": memory, "maxmemory": wrong}}) == ["cache.maxmemory"]


def test_the_error_for_a_cache_without_free_memory() -> None:
    assert refusal({"cache": {"memory": "100Mi", "maxmemory": "76Mi"}}) == (
        "1 wrong setting; nothing was changed. docs/configuration.md has every key.\n"
        "\n"
        "cache.maxmemory\n"
        "  found    '76Mi'\n"
        "  allowed  at most 75Mi: 75 % of cache.memory (100Mi)"
    )
