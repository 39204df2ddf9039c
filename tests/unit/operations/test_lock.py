"""The verb `lock`: what it asks of registries, and what it writes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest

from components import image_lock
from components.images import ENTRIES
from operations import lock
from operations.lock import Manifest
from operations.workspace import Workspace
from tests.unit.describing import KUBERNETES, settings
from tests.unit.operations.conftest import program, pulumi_calls

BOTH = frozenset({"linux/amd64", "linux/arm64"})
OFFICIAL = {entry.official for entry in ENTRIES.values() if entry.official}
MIRROR = {"url": "mirror.example.com:5000/hub"}


def digest(number: int) -> str:
    return f"sha256:{number:064}"


@dataclass
class FakeRegistry:
    """Answers each question with the next digest."""

    platforms: frozenset[str] = BOTH
    absent: str = ""
    asked: list[str] = field(default_factory=list)

    def __call__(self, reference: str) -> Manifest:
        if self.absent and self.absent in reference:
            raise click.ClickException(f"{reference}: manifest unknown")
        self.asked.append(reference)
        return Manifest(digest=digest(len(self.asked)), platforms=self.platforms)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """Run the verb for a stack of these settings; return the lock file's path."""

    def run(values: dict[str, Any], registry: FakeRegistry) -> Path:
        path = tmp_path / "images.lock.yaml"
        monkeypatch.setattr(image_lock, "PATH", path)
        monkeypatch.setattr("operations.stack_file.settings", lambda workspace: settings(values))
        monkeypatch.setattr(lock, "engine_registry", lambda chosen, login: registry)
        lock.lock("any")
        return path

    return run


def test_every_official_image_is_locked_whatever_the_stack_runs(run: Callable[..., Path]) -> None:
    registry = FakeRegistry()
    path = run({"images": {"references": {"redis": "acme/redis:7.4.1"}}}, registry)
    assert set(registry.asked) == OFFICIAL
    assert set(image_lock.digests(settings(), path).values()) == {
        digest(number + 1) for number in range(len(OFFICIAL))
    }


def test_the_mirror_is_asked_and_the_file_has_the_origins_reference(
    run: Callable[..., Path],
) -> None:
    registry = FakeRegistry()
    path = run({"registry": MIRROR}, registry)
    assert all(reference.startswith(f"{MIRROR['url']}/") for reference in registry.asked)
    assert set(image_lock.digests(settings(), path)) == OFFICIAL


def test_a_failure_leaves_the_file_as_it_was(run: Callable[..., Path]) -> None:
    path = run({}, FakeRegistry())
    before = path.read_text()
    with pytest.raises(click.ClickException, match="manifest unknown"):
        run({}, FakeRegistry(absent="pgbouncer"))
    assert path.read_text() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("platforms", [BOTH, frozenset()])
def test_an_image_for_the_nodes_platform_is_locked(
    run: Callable[..., Path], platforms: frozenset[str]
) -> None:
    """An answer may name no platform."""
    images = {**KUBERNETES["images"], "platform": "linux/arm64"}
    assert run({**KUBERNETES, "images": images}, FakeRegistry(platforms)).exists()


def test_an_image_without_the_nodes_platform_is_refused(run: Callable[..., Path]) -> None:
    images = {**KUBERNETES["images"], "platform": "linux/arm64"}
    registry = FakeRegistry(frozenset({"linux/amd64"}))
    with pytest.raises(click.ClickException) as caught:
        run({**KUBERNETES, "images": images}, registry)
    assert caught.value.message.startswith(
        f"images.platform is linux/arm64, and {registry.asked[0]} is for linux/amd64."
    )
    assert not image_lock.PATH.exists()


def test_the_message_says_whether_the_file_changed(tmp_path: Path) -> None:
    path = tmp_path / "images.lock.yaml"
    assert lock.write({"redis:7.4.11": digest(1)}, path) == "images.lock.yaml: written"
    assert lock.write({"redis:7.4.11": digest(1)}, path) == "images.lock.yaml is up to date"
    assert lock.write({"redis:7.4.11": digest(2)}, path) == "images.lock.yaml: changed"


def test_the_login_of_the_settings_is_decrypted_and_in_no_arguments(
    machine: Path, tmp_path: Path
) -> None:
    program(machine, "pulumi", "echo opensesame")
    config = tmp_path / "Pulumi.mine.yaml"
    config.write_text("config: {}")
    workspace = Workspace(stack="mine", config=config, data=tmp_path / "data")
    registry = {**MIRROR, "user": "puller", "password": "unreadable"}
    chosen = settings({"registry": registry}, secret=["registry"])
    assert lock._login(workspace, chosen) == {"username": "puller", "password": "opensesame"}
    assert pulumi_calls(machine)[-1].endswith(
        "config get --stack mine --path ai-platform:registry.password"
    )
    assert lock._login(workspace, settings({"registry": MIRROR})) is None
    assert lock._login(workspace, settings()) is None


def test_the_engine_of_the_docker_commands_context_is_asked(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK would ask another engine: it knows no contexts."""
    environments: list[dict[str, str]] = []
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    monkeypatch.setattr(
        "docker.from_env", lambda *, environment, **_: environments.append(environment)
    )
    program(machine, "docker", "echo lab tcp://lab:2376")
    for values in ({}, dict(KUBERNETES), {"docker": {"host": "tcp://own"}}):
        lock.engine_registry(settings(values), None)
    hosts = [environment["DOCKER_HOST"] for environment in environments]
    assert hosts == ["tcp://lab:2376", "tcp://lab:2376", "tcp://own"]


def test_an_attestation_is_no_platform() -> None:
    answer = {
        "Platforms": [
            {"os": "linux", "architecture": "arm64", "variant": "v8"},
            {"os": "unknown", "architecture": "unknown"},
        ]
    }
    assert lock._platforms(answer) == {"linux/arm64"}
    assert lock._platforms({"Platforms": None}) == frozenset()
