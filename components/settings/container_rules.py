"""Rules about what stands in one container: its paths, ports, variables and memory.

An engine, or a cluster's API, would refuse these only in the middle of an `up`, or hide one thing
behind another.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import PurePosixPath

from components.settings.models import Service, Settings, Workload
from components.settings.problems import Problem
from components.settings.values import mebibytes, normal
from components.text import SECRETS

# Of the exporter that shares the web tier's pod, and of the web tier with a certificate.
EXPORTER_PORT, TLS_PORT = 9113, 8443
DATABASE_CA = "/etc/ai-platform/database-ca.crt"
# The kernel's own: an engine mounts nothing else there.
KERNEL = ("/proc", "/sys")
# Docker's engine starts no container with less, in MiB.
LEAST_MEMORY = 6


def broken(settings: Settings) -> Iterator[Problem]:
    """Every broken rule."""
    yield from _memory(settings)
    yield from _web(settings)
    for name, service in settings.api.services.items():
        path = f"api.services.{name}"
        volume = service.data_volume
        kept = {f"{path}.data_volume.path": volume.path} if volume else {}
        yield from _paths(path, service, kept, _files(service, settings))
        yield from _variables(path, service)


def _memory(settings: Settings) -> Iterator[Problem]:
    limits = {
        "data.memory": settings.data.memory,
        "cache.memory": settings.cache.memory,
        "observability.memory": settings.observability.memory,
        "web.memory": settings.web.memory,
    } | {
        f"api.services.{name}.memory": service.memory
        for name, service in settings.api.services.items()
    }
    for path, limit in limits.items():
        if mebibytes(limit) < LEAST_MEMORY:
            yield Problem(path=path, found=repr(limit), allowed=f"at least {LEAST_MEMORY}Mi")


def _web(settings: Settings) -> Iterator[Problem]:
    web = settings.web
    taken, shared = {}, {}
    if web.status_socket:
        taken[EXPORTER_PORT] = "the exporter beside it"
        shared["web.status_socket"] = str(PurePosixPath(web.status_socket).parent)
    if settings.certificate:
        taken[TLS_PORT] = "its port with TLS"
    if web.port in taken:
        yield Problem(
            path="web.port",
            found=str(web.port),
            allowed=f"another port: {taken[web.port]} has this one",
        )
    for key, directory in shared.items():
        if _place(directory) in map(_place, web.writable):
            yield Problem(
                path=key,
                found=repr(web.status_socket),
                allowed="a directory that is not in web.writable: it is writable as it is",
            )
    certificate = [f"{SECRETS}/tls.crt", f"{SECRETS}/tls.key"] if settings.certificate else []
    yield from _paths("web", web, shared, certificate)


def _files(service: Service, settings: Settings) -> list[str]:
    """Where the service finds its credentials, and the authority of the database's certificate."""
    places = service.credentials
    found = [place for place in places if place.startswith("/")]
    if service.secrets_as == "file":
        found += [
            f"{SECRETS}/{credential}"
            for place, credential in places.items()
            if not place.startswith("/")
        ]
    external = settings.data.external
    if external and external.ca and "database-url" in places.values():
        found.append(DATABASE_CA)
    return list(dict.fromkeys(found))


def _paths(
    path: str, workload: Workload, mounted: Mapping[str, str], files: list[str]
) -> Iterator[Problem]:
    """`mounted` are further directories, by the settings that name them."""
    writable = {f"{path}.writable.{n}": each for n, each in enumerate(workload.writable)}
    for key, directory in {**writable, **mounted}.items():
        if _place(directory) in ("/", "/dev") or any(_within(directory, own) for own in KERNEL):
            yield Problem(
                path=key,
                found=repr(directory),
                allowed="a directory of the service's own, not the root and none of the kernel's",
            )
            continue
        for file in files:
            if _within(file, directory) or _within(directory, file):
                yield Problem(
                    path=key,
                    found=repr(directory),
                    allowed=f"a directory that does not hide {file}, which the platform puts there",
                )
    seen: dict[str, str] = {}
    for key, directory in writable.items():
        before = seen.setdefault(_place(directory), key)
        if before != key:
            yield Problem(
                path=key,
                found=repr(directory),
                allowed=f"each directory once: it is the one of {before}",
            )
    for one, other in combinations(files, 2):
        if _within(one, other) or _within(other, one):
            yield Problem(
                path=f"{path}.credentials",
                found=f"{one} and {other}",
                allowed="files beside each other: none can stand in another",
            )


def _variables(path: str, service: Service) -> Iterator[Problem]:
    for name in service.credentials:
        if name in service.env:
            yield Problem(
                path=f"{path}.env.{name}",
                allowed=f"nothing, as {path}.credentials.{name} fills this variable",
            )


def _place(path: str) -> str:
    """One name for each directory: `/var/run` is `/run` in nearly every image."""
    where = normal(path)
    return where.removeprefix("/var") if f"{where}/".startswith("/var/run/") else where


def _within(path: str, directory: str) -> bool:
    """Whether a path is this directory, or below it."""
    return PurePosixPath(_place(path)).is_relative_to(_place(directory))
