"""Finding an image: what the engine has, else from its registry."""

from __future__ import annotations

from typing import Any

from airgap.plugins.docker.engine import HUB, Engine, reason, unless_missing
from airgap.plugins.resource import Failed


def find_or_pull(engine: Engine, name: str, platform: str | None = None) -> dict[str, Any]:
    """The engine's description of the image, which is pulled only if the engine has none."""
    client = engine.client
    info: dict[str, Any] | None = unless_missing(lambda: client.inspect_image(name))
    if info is None:
        engine.until_cancelled(lambda: pull(engine, name, platform))
        info = unless_missing(lambda: client.inspect_image(name))
    if info is None:
        raise Failed(f"unable to find or pull image {name}")
    return info


def pull(engine: Engine, name: str, platform: str | None) -> None:
    """Pull one image; a tag or digest is part of the name, and without one the tag is `latest`."""
    from docker.errors import DockerException

    repository, tag = split_name(name)
    try:
        for step in engine.client.pull(
            repository,
            tag=tag,
            stream=True,
            decode=True,
            platform=platform,
            auth_config=engine.credentials(registry_of(name)),
        ):
            if "error" in step:
                raise Failed(f"unable to pull image {name}: {step['error']}")
    except DockerException as error:
        raise Failed(f"unable to pull image {name}: {reason(error)}") from error


def split_name(name: str) -> tuple[str, str]:
    """`repository:tag` or `repository@digest` in two; a colon before a slash belongs to a port."""
    if "@" in name:
        repository, _, digest = name.partition("@")
        return repository.rsplit(":", 1)[0] if ":" in repository.rsplit("/", 1)[
            -1
        ] else repository, digest
    head, slash, last = name.rpartition("/")
    base, _, tag = last.partition(":")
    return head + slash + base, tag or "latest"


def registry_of(name: str) -> str:
    """The registry in an image's name: a first part that looks like a host, else Docker Hub."""
    first, slash, _ = name.partition("/")
    return first if slash and (first == "localhost" or "." in first or ":" in first) else HUB


def repository_digest(name: str, info: dict[str, Any]) -> str:
    """`repository@digest` under the name's own repository, or the image's first one, or nothing."""
    digests: list[str] = info.get("RepoDigests") or []
    repository, _ = split_name(name)
    own = [digest for digest in digests if digest.partition("@")[0] == repository]
    return (own or digests or [""])[0]


def qualified(repository: str) -> str:
    """With its registry: `redis` is `docker.io/library/redis`, `a/b` is `docker.io/a/b`."""
    if registry_of(repository) != HUB or repository.startswith(f"{HUB}/"):
        return repository
    return f"{HUB}/{repository}" if "/" in repository else f"{HUB}/library/{repository}"
