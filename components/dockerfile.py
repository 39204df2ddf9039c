"""Reads from a Dockerfile which files it copies from its context, and how its image is named."""

import json
import posixpath
import re
from collections.abc import Iterator

EVERYTHING = (".",)
"""The sources of a Dockerfile that may copy any file of its context."""

# Instructions that read nothing from the context, except RUN with a mount.
_OTHERS = frozenset({
    "FROM", "ARG", "ENV", "RUN", "CMD", "ENTRYPOINT", "LABEL", "EXPOSE", "VOLUME", "USER",
    "WORKDIR", "STOPSIGNAL", "HEALTHCHECK", "SHELL", "MAINTAINER",
})  # fmt: skip
_CONTINUED = re.compile(r"\\[ \t]*$")
_FLAGS = re.compile(r"(?:--\S+\s+)*")
# These directives change how the rest of the file is parsed. Docker's own frontend parses it as
# this module does.
_DIRECTIVE = re.compile(
    r"^\s*#\s*(?:escape\s*=|syntax\s*=(?!\s*(?:docker\.io/)?docker/dockerfile(?:[:@\s]|\Z)))",
    re.IGNORECASE | re.MULTILINE,
)
# A variable, a quotation mark, a character class, a here-document, or a path out of the context.
_UNCLEAR = re.compile(r"[$\\'\"\[\]<>]|\*\*|(?:^|/)\.\.(?:/|$)")


def sources(text: str) -> tuple[str, ...]:
    """The paths that a Dockerfile copies from its context, with `*` and `?` as wildcards.

    Files from another stage or a URL do not count. If the Dockerfile is unclear, it may copy
    everything.
    """
    if _DIRECTIVE.search(text):
        return EVERYTHING
    paths: list[str] = []
    for keyword, arguments in _instructions(text):
        copied = _copied(keyword, arguments)
        if copied is None:
            return EVERYTHING
        paths += copied
    return tuple(dict.fromkeys(paths))


def own_name(dockerfile: str) -> str | None:
    """`api` for `api.Dockerfile` and for `Dockerfile.api`; None for a plain `Dockerfile`."""
    match = re.fullmatch(r"(.+)\.Dockerfile|Dockerfile\.(.+)", posixpath.basename(dockerfile))
    return (match[1] or match[2]) if match else None


def image_name(context: str, dockerfile: str) -> str:
    """The Dockerfile's own name, or else that of its directory; empty for the repository's root."""
    directory = posixpath.dirname(posixpath.normpath(posixpath.join(context, dockerfile)))
    return own_name(dockerfile) or posixpath.basename(directory)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Keyword and arguments of each instruction, its continuation lines joined."""
    instruction = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        # Comments and empty lines do not end an instruction.
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        instruction += _CONTINUED.sub("", line)
        if not _CONTINUED.search(line):
            yield _split(instruction)
            instruction = ""
    if instruction.strip():
        yield _split(instruction)


def _split(instruction: str) -> tuple[str, str]:
    keyword, *arguments = instruction.split(maxsplit=1)
    return keyword.upper(), "".join(arguments).strip()


def _copied(keyword: str, arguments: str) -> list[str] | None:
    """The sources of one instruction; None where they are unclear."""
    if keyword == "RUN" and ("--mount" in arguments or "<<" in arguments):
        return None
    if keyword not in ("COPY", "ADD"):
        return [] if keyword in _OTHERS else None
    flags = _FLAGS.match(arguments)
    end = flags.end() if flags else 0
    if any(flag.startswith("--from=") for flag in arguments[:end].split()):
        return []
    words = _words(arguments[end:])
    if len(words) < 2:
        return None
    paths = [word for word in words[:-1] if "://" not in word]
    if any(_UNCLEAR.search(path) for path in paths):
        return None
    return [posixpath.normpath(path.strip("/")) for path in paths]


def _words(text: str) -> list[str]:
    """The sources and the destination, in the plain or the JSON form; empty for invalid JSON."""
    if not text.startswith("["):
        return text.split()
    try:
        words = json.loads(text)
    except ValueError:
        return []
    return words if all(isinstance(word, str) for word in words) else []
