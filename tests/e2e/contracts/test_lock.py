"""Digests of a real registry, which the real engine resolves, pulls and runs."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from airgap import images as debian_images
from components import image_lock
from components.catalogue import Catalogue
from components.images import ENTRIES
from operations import lock
from tests.e2e.contracts import engine
from tests.e2e.contracts.engine import Container, docker
from tests.unit.describing import settings

REGISTRY = "ai-platform/contract-registry:debian12"
DOCKERFILE = """\
ARG BASE
FROM ${BASE}
RUN install-packages docker-registry
COPY registry.yaml htpasswd /etc/
ENTRYPOINT ["docker-registry", "serve", "/etc/registry.yaml"]
"""
CONFIGURATION = """\
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5000"}
auth: {htpasswd: {realm: contract, path: /etc/htpasswd}}
"""
LOGIN = {"username": "puller", "password": "opensesame"}
HASH = "$2b$04$C6D.vDc3He7Runpq0OeHr.H4jCAnD1pW/gnTTM5x2Izn59WH0bq06"
# The smallest image of the catalogue, and one with other content on top of it.
FIRST = engine.reference("busybox")
SECOND = "ai-platform/contract-other:1"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a registry that requires a login."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "registry.yaml").write_text(CONFIGURATION)
    (folder / "htpasswd").write_text(f"{LOGIN['username']}:{HASH}\n")
    debian_images.build(folder, REGISTRY, "contract")
    options = ("--detach", "--label", engine.LABEL, "--publish", "127.0.0.1::5000")
    container = Container(id=docker("run", *options, REGISTRY).stdout.strip())
    address = docker("port", container.id, "5000").stdout.splitlines()[0].strip()
    (folder / "Dockerfile").write_text(f"FROM {FIRST}\nLABEL contract=other\n")
    debian_images.build(folder, SECOND, "contract")
    yield address
    listing = docker("image", "ls", "--digests", "--format", "{{json .}}").stdout
    for image in map(json.loads, listing.splitlines()):
        repository, tag, digest = (image[key] for key in ("Repository", "Tag", "Digest"))
        if repository.startswith(f"{address}/"):
            # An image that was pulled by its digest has no tag.
            name = f"{repository}@{digest}" if tag == "<none>" else f"{repository}:{tag}"
            docker("image", "rm", name, check=False)
    docker("image", "rm", SECOND)


@pytest.fixture(scope="module")
def client(address: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The option with which Docker's client is logged in to the registry."""
    directory = tmp_path_factory.mktemp("docker")
    text = base64.b64encode(f"{LOGIN['username']}:{LOGIN['password']}".encode()).decode()
    (directory / "config.json").write_text(json.dumps({"auths": {address: {"auth": text}}}))
    return "--config", str(directory)


def stack(address: str) -> Mapping[str, Any]:
    return {"registry": {"url": f"{address}/mirror"}}


def push(client: tuple[str, str], image: str, reference: str) -> str:
    """Push an image under another reference; return the digest that the registry gave it."""
    docker("tag", image, reference)
    output = docker(*client, "push", reference).stdout
    match = re.search(r"digest: (sha256:[0-9a-f]{64})", output)
    assert match, output
    return match[1]


def test_the_lock_has_the_digests_of_the_registry_and_a_moved_tag_keeps_what_runs(
    address: str, client: tuple[str, str], tmp_path: Path
) -> None:
    chosen = settings(stack(address))
    registry = lock.engine_registry(chosen, LOGIN)
    postgres, redis = (ENTRIES[name].official or "" for name in ("postgres", "redis"))
    pushed = {
        postgres: push(client, FIRST, f"{address}/mirror/{postgres}"),
        redis: push(client, SECOND, f"{address}/mirror/{redis}"),
    }
    digests = lock.resolve(chosen, pushed, registry)
    assert digests == pushed
    path = tmp_path / "images.lock.yaml"
    lock.write(digests, path)

    # With this catalogue the file may lack official images.
    debian = settings({"images": {"catalogue": "debian"}})
    locked = Catalogue(chosen, image_lock.digests(debian, path))
    reference = locked.image("postgres").reference
    assert reference == f"{address}/mirror/{postgres}@{pushed[postgres]}"
    moved = push(client, SECOND, f"{address}/mirror/{postgres}")
    docker("image", "rm", "--force", f"{address}/mirror/{postgres}")
    docker(*client, "pull", reference)
    image = docker("image", "inspect", "--format", "{{.Id}}", reference).stdout
    assert image == docker("image", "inspect", "--format", "{{.Id}}", FIRST).stdout
    docker("run", "--rm", "--label", engine.LABEL, reference, "true")

    assert moved != pushed[postgres]
    assert lock.resolve(chosen, [postgres], registry) == {postgres: moved}


@pytest.mark.parametrize(
    ("reference", "login", "reason"),
    [
        ("example/absent:1.0.0", LOGIN, "manifest"),
        ("example/absent:1.0.0", {**LOGIN, "password": "wrong"}, "unauthorized|authentication"),
    ],
)
def test_an_error_names_the_image_and_the_registry(
    address: str, reference: str, login: dict[str, str], reason: str
) -> None:
    chosen = settings(stack(address))
    with pytest.raises(click.ClickException) as caught:
        lock.resolve(chosen, [reference], lock.engine_registry(chosen, login))
    message = caught.value.message
    assert message.startswith(f"{address}/mirror/{reference}: the registry {address} gives no")
    assert re.search(reason, message), message
    assert "images.lock.yaml was not changed" in message
    assert login["password"] not in message
