"""Images that the Docker engine holds."""

import pytest

from airgap import engine_images
from airgap.command import TooSlow

Pushes = list[float | None]


@pytest.fixture
def pushes(monkeypatch: pytest.MonkeyPatch) -> Pushes:
    """The time limits of the pushes so far; each takes too long if it has a limit."""
    pushes: Pushes = []

    def run(*words: str, seconds: float | None) -> str:
        assert words[:2] == ("docker", "push")
        pushes.append(seconds)
        if seconds is not None:
            raise TooSlow("`docker push` took too long")
        return ""

    monkeypatch.setattr(engine_images, "run", run)
    return pushes


def test_a_push_to_this_machine_that_does_not_end_is_tried_again(pushes: Pushes) -> None:
    with pytest.raises(TooSlow):
        engine_images.push("localhost:5000/ai-platform/redis:7-debian12")
    assert pushes == [engine_images.LOCAL_PUSH_SECONDS] * engine_images.LOCAL_PUSHES


def test_a_push_to_another_registry_takes_as_long_as_it_needs(pushes: Pushes) -> None:
    engine_images.push("registry.example.com/acme/web:1")
    assert pushes == [None]
