"""Paths inside a container, and the rules that keep one path from hiding another.

An engine or a cluster's API would reject such paths only in the middle of an `up`, or would
silently mount one thing over another.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import PurePosixPath

from components.container import TOOLS
from components.settings.problems import Problem

# The kernel's own file systems. An engine mounts nothing in them.
KERNEL = ("/proc", "/sys")
# Nothing starts in an image in which an empty directory hides one of these.
HIDDEN_PROGRAMS = ("/", "/dev", "/bin", "/sbin", "/lib", "/lib64", "/usr", "/usr/bin", "/usr/lib")


def normal(path: str) -> str:
    """The path as the kernel resolves it: without `.`, `..` and superfluous slashes."""
    return "/" + posixpath.normpath(path).lstrip("/")


def same(one: str, other: str) -> bool:
    """Whether two paths are the same directory in nearly every image."""
    return _canonical(one) == _canonical(other)


def rules(
    path: str,
    writable: Sequence[str],
    mounted: Mapping[str, str],
    files: Sequence[str],
    program: Sequence[str] = (),
) -> Iterator[Problem]:
    """The directories and files of one container must not hide each other.

    `path` is the dotted path of the container's settings. `mounted` are directories beside the
    writable ones, by their setting. `files` are the files that the platform mounts. `program` are
    the directories with the image's program, where they are known.
    """
    scratch = {f"{path}.writable.{index}": entry for index, entry in enumerate(writable)}
    for key, directory in {**scratch, **mounted}.items():
        if _is_system(directory):
            yield Problem(
                path=key,
                found=repr(directory),
                allowed="a directory of the service, not `/`, `/dev`, one in `/proc` or `/sys`, or "
                "one with an image's programs, such as `/usr`",
            )
            continue
        if within(directory, TOOLS):
            yield Problem(
                path=key,
                found=repr(directory),
                allowed=f"a directory that is not in {TOOLS}, where the platform mounts its own "
                "programs",
            )
        hidden = [own for own in program if within(own, directory) or within(directory, own)]
        if hidden:
            yield Problem(
                path=key,
                found=repr(directory),
                allowed=f"a directory that does not hide the image's program in {hidden[0]}",
            )
        for file in files:
            if within(file, directory) or within(directory, file):
                yield Problem(
                    path=key,
                    found=repr(directory),
                    allowed=f"a directory that does not hide {file}, which the platform mounts",
                )
    yield from _once(scratch)
    yield from _separate(f"{path}.files", files)


def _once(directories: Mapping[str, str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for key, directory in directories.items():
        earlier = first.setdefault(_canonical(directory), key)
        if earlier != key:
            yield Problem(
                path=key,
                found=repr(directory),
                allowed=f"a directory that is listed once: {earlier} is the same one",
            )


def _separate(path: str, files: Sequence[str]) -> Iterator[Problem]:
    for file in files:
        if within(file, TOOLS) or within(TOOLS, file):
            yield Problem(
                path=path,
                found=file,
                allowed=f"a path outside {TOOLS}, where the platform mounts its own programs",
            )
    for one, other in combinations(files, 2):
        if within(one, other) or within(other, one):
            yield Problem(
                path=path,
                found=f"{one} and {other}",
                allowed="paths that do not lie below one another: a file cannot contain files",
            )


def _is_system(directory: str) -> bool:
    return _canonical(directory) in HIDDEN_PROGRAMS or any(
        within(directory, system) for system in KERNEL
    )


def _canonical(path: str) -> str:
    """One name for each directory: `/var/run` is `/run` in nearly every image."""
    resolved = normal(path)
    return resolved.removeprefix("/var") if f"{resolved}/".startswith("/var/run/") else resolved


def within(path: str, directory: str) -> bool:
    """Whether a path is this directory, or below it."""
    return PurePosixPath(_canonical(path)).is_relative_to(_canonical(directory))
