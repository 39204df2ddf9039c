"""Write the digests of the official images to the lock file, and show which pins are supported."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from components import image_lock
from components.catalogue import Catalogue
from components.images import ENTRIES
from components.settings import Settings
from operations import stack_file, steps, support
from operations.workspace import PROJECT, Workspace

SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a registry has at a reference: its digest, and its platforms such as `linux/amd64`."""

    digest: str
    platforms: frozenset[str]


Registry = Callable[[str], Manifest]


def lock(stack: str) -> None:
    """Write the lock file, with the answers of the registry that the stack's images come from."""
    workspace = Workspace.of(stack)
    settings = stack_file.settings(workspace)
    support.show(support.pins(), datetime.now(UTC).date())
    registry = engine_registry(settings, _login(workspace, settings))
    with steps.step("Digests of the official images") as report:
        official = [entry.official for entry in ENTRIES.values() if entry.official]
        digests = resolve(settings, official, registry)
        for reference, digest in digests.items():
            report(f"{reference}  {digest}")
        report(write(digests, image_lock.PATH))


def resolve(settings: Settings, references: Iterable[str], registry: Registry) -> Mapping[str, str]:
    """The digest of each reference at the stack's registry.

    Raises ClickException where a cluster's nodes have a platform that an image lacks.
    """
    catalogue = Catalogue(settings)
    platform = settings.images.platform if settings.target == "kubernetes" else None
    digests: dict[str, str] = {}
    for reference in references:
        pulled = catalogue.mirrored(reference)
        manifest = registry(pulled)
        if platform and manifest.platforms and platform not in manifest.platforms:
            raise click.ClickException(
                f"images.platform is {platform}, and {pulled} is for "
                f"{', '.join(sorted(manifest.platforms))}. {image_lock.PATH.name} was not changed."
            )
        digests[reference] = manifest.digest
    return digests


def write(digests: Mapping[str, str], path: Path) -> str:
    """Write the lock file at once or not at all; return what changed."""
    text = image_lock.text(digests)
    before = path.read_text() if path.exists() else None
    if text == before:
        return f"{path.name} is up to date"
    scratch = path.with_name(f".{path.name}")
    scratch.write_text(text)
    scratch.replace(path)
    return f"{path.name}: {'written' if before is None else 'changed'}"


def engine_registry(settings: Settings, login: dict[str, str] | None) -> Registry:
    """Asks registries through the Docker engine, which pulls from them with the same rules: plain
    HTTP on loopback, its certificates, and the logins of `docker login` unless `login` is set.

    Raises ClickException where the engine or a registry does not answer as expected.
    """
    import docker
    from docker.auth import resolve_repository_name
    from docker.errors import APIError, DockerException
    from requests import RequestException

    # The SDK knows no contexts.
    host = stack_file.engine(settings) or ""
    environment = {**os.environ, "DOCKER_HOST": host}
    over_ssh = host.startswith("ssh://")
    unchanged = f"{image_lock.PATH.name} was not changed."
    try:
        client = docker.from_env(environment=environment, timeout=SECONDS, use_ssh_client=over_ssh)
    except (DockerException, RequestException) as error:
        raise click.ClickException(
            f"The Docker engine, which asks the registries, does not answer: {error}. {unchanged}"
        ) from None

    def manifest(reference: str) -> Manifest:
        try:
            data = client.images.get_registry_data(reference, auth_config=login)
        except (DockerException, RequestException) as error:
            reason = error.explanation if isinstance(error, APIError) else error
            name, _ = resolve_repository_name(reference)
            raise click.ClickException(
                f"{reference}: the registry {name} gives no digest: {reason}. {unchanged}"
            ) from None
        return Manifest(digest=data.id, platforms=_platforms(data.attrs))

    return manifest


def _platforms(answer: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        f"{platform['os']}/{platform['architecture']}"
        for platform in answer.get("Platforms") or ()
        # The attestation of a build has the platform unknown/unknown.
        if platform["os"] != "unknown"
    )


def _login(workspace: Workspace, settings: Settings) -> dict[str, str] | None:
    """The stack's own login to its registry, whose password Pulumi decrypts."""
    registry = settings.registry
    if registry is None or registry.user is None or registry.password is None:
        return None
    workspace.write_files()
    key = ("--path", f"{PROJECT}:registry.password")
    result = workspace.pulumi("config", "get", "--stack", workspace.stack, *key, quiet=True)
    return {"username": registry.user, "password": result.stdout.rstrip("\n")}
