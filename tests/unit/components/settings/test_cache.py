"""Redis' settings."""

import pytest

from tests.unit.components.settings.refusals import paths, refusal


@pytest.mark.parametrize(
    ("memory", "right", "wrong"), [("128Mi", "46Mi", "47Mi"), ("512Mi", "219Mi", "220Mi")]
)
def test_the_cache_leaves_memory_for_the_rewrite_of_its_file(
    memory: str, right: str, wrong: str
) -> None:
    assert paths({"cache": {"memory": memory, "maxmemory": right}}) == []
    assert paths({"cache": {"memory": memory, "maxmemory": wrong}}) == ["cache.maxmemory"]


@pytest.mark.parametrize(("memory", "wrong"), [("27Mi", []), ("26Mi", ["cache.memory"])])
def test_the_cache_has_memory_for_the_program_and_some_data(memory: str, wrong: list[str]) -> None:
    assert paths({"cache": {"memory": memory}}) == wrong


def test_the_error_for_a_cache_without_free_memory() -> None:
    assert refusal({"cache": {"memory": "100Mi", "maxmemory": "76Mi"}}) == (
        "1 wrong setting; nothing was changed. docs/configuration.md has every key.\n"
        "\n"
        "cache.maxmemory\n"
        "  found    '76Mi'\n"
        "  allowed  at most 34Mi, so that cache.memory (100Mi) holds the rewrite of the "
        "append-only file too"
    )
