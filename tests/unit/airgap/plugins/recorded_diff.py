"""What a recorded difference says of a change, in the words of the protocol's answer."""

from typing import Any


def assert_as_recorded(answer: dict[str, Any], case: dict[str, Any]) -> None:
    """Whether it updates or replaces, by which properties, and what is deleted first."""
    kinds = {change.get("kind", "ADD") for change in answer.get("detailedDiff", {}).values()}
    found = (
        "none"
        if answer["changes"] == "DIFF_NONE"
        else "replace"
        if any(kind.endswith("REPLACE") for kind in kinds)
        else "update"
    )
    assert found == case["result"]
    assert answer.get("replaces", []) == case["replaces"]
    assert answer.get("deleteBeforeReplace", False) == case["delete_before_replace"]
