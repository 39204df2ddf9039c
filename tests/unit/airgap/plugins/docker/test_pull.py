from __future__ import annotations

import pytest

from airgap.plugins.docker.pull import qualified, registry_of, repository_digest, split_name

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("name", "repository", "tag", "registry", "full"),
    [
        ("redis", "redis", "latest", "docker.io", "docker.io/library/redis"),
        ("redis:7", "redis", "7", "docker.io", "docker.io/library/redis"),
        ("a/b:1", "a/b", "1", "docker.io", "docker.io/a/b"),
        ("localhost:5000/a", "localhost:5000/a", "latest", "localhost:5000", "localhost:5000/a"),
        ("r.example/a/b:1", "r.example/a/b", "1", "r.example", "r.example/a/b"),
        (f"redis@{DIGEST}", "redis", DIGEST, "docker.io", "docker.io/library/redis"),
        (f"r.example:1/a:7@{DIGEST}", "r.example:1/a", DIGEST, "r.example:1", "r.example:1/a"),
    ],
)
def test_an_image_name_is_taken_apart(
    name: str, repository: str, tag: str, registry: str, full: str
) -> None:
    assert split_name(name) == (repository, tag)
    assert registry_of(name) == registry
    assert qualified(repository) == full


def test_the_digest_under_the_own_repository_is_preferred() -> None:
    info = {"RepoDigests": ["other@sha256:1", "redis@sha256:2"]}
    assert repository_digest("redis:7", info) == "redis@sha256:2"
    assert repository_digest("mine:1", info) == "other@sha256:1"
    assert repository_digest("mine:1", {"RepoDigests": []}) == ""
