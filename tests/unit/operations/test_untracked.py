"""Containers and networks that the state does not contain."""

import click
import pytest

from operations import docker_stack, untracked
from operations.untracked import Existing
from operations.workspace import Workspace


def test_containers_of_a_stack_on_another_engine_than_the_states_are_not_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The volume has the same name on both engines, and the id of a volume is its name."""
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(docker_stack, "docker", lambda *words: commands.append(words))
    existing = Existing(
        containers={"of-another-user": "ai-platform-dev-redis"},
        networks={"another": "ai-platform-dev-edge"},
    )
    acme = Workspace.of("acme/dev")
    with pytest.raises(
        click.ClickException, match="The engine has ai-platform-dev-redis"
    ) as raised:
        untracked.remove(acme, existing, {"ai-platform-dev-redis-data", "edge-id"})
    assert "Use the engine that the state belongs to" in raised.value.message
    assert commands == []
    untracked.remove(acme, existing, {"another"})
    assert commands == [
        ("stop", "ai-platform-dev-redis"),
        ("rm", "--volumes", "ai-platform-dev-redis"),
    ]
