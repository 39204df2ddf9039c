"""Which files of a build context the engine gets: the rules of `.dockerignore`.

Written out here because the client library's version of them comes with the whole library, and
every preview reads contexts to see whether they changed.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from airgap.plugins.resource import Failed


@dataclass(frozen=True)
class Pattern:
    expression: re.Pattern[str]
    keeps: bool
    """Written with `!`: what matches is in the context after all."""


Matches = tuple[bool, ...]
"""For a path, which patterns matched it or a directory above it."""


@dataclass(frozen=True)
class Rules:
    """The last pattern that matches a path or a directory above it decides."""

    patterns: tuple[Pattern, ...]

    def judge(self, path: str, above: Matches = ()) -> tuple[bool, Matches]:
        """Whether the path is left out, from the matches of the directory above it.

        A pattern that would change nothing counts as no match, also for what is below: as the
        builder has it.
        """
        out, matches = False, []
        for index, pattern in enumerate(self.patterns):
            matched = above[index] if above else False
            if not matched and pattern.keeps == out:
                matched = pattern.expression.fullmatch(path) is not None
            if matched:
                out = not pattern.keeps
            matches.append(matched)
        return out, tuple(matches)

    @property
    def may_keep_inside(self) -> bool:
        """Whether something below a directory that is left out may be in the context."""
        return any(pattern.keeps for pattern in self.patterns)


def read_rules(context: Path, dockerfile: Path) -> Rules:
    """From `<Dockerfile>.dockerignore` if there is one, else from the context's own."""
    for path in (
        dockerfile.with_name(dockerfile.name + ".dockerignore"),
        context / ".dockerignore",
    ):
        if path.is_file():
            return parse(path.read_text(encoding="utf-8-sig"))
    return Rules(())


def parse(text: str) -> Rules:
    patterns = []
    for line in text.splitlines():
        pattern = line.strip()
        if not pattern or line.startswith("#"):
            continue
        keeps = pattern.startswith("!")
        path = posixpath.normpath(pattern.removeprefix("!").strip()).lstrip("/")
        try:
            patterns.append(Pattern(re.compile(_expression(path)), keeps))
        except re.error as error:
            raise Failed(f"no pattern for a build context: {pattern}") from error
    return Rules(tuple(patterns))


def files(
    context: Path, rules: Rules, below: str = "", above: Matches = ()
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything in the context, directories before what is in them, in the order of names."""
    for entry in sorted(os.scandir(context / below), key=lambda entry: entry.name):
        path = f"{below}/{entry.name}" if below else entry.name
        out, matches = rules.judge(path, above)
        if not out:
            yield path, entry
        if entry.is_dir(follow_symlinks=False) and (not out or rules.may_keep_inside):
            yield from files(context, rules, path, matches)


def _expression(pattern: str) -> str:
    """A pattern as a regular expression: `**` crosses directories, `*` and `?` do not."""
    expression, index = "", 0
    while index < len(pattern):
        character = pattern[index]
        if pattern.startswith("**", index):
            index += 2
            if index == len(pattern):
                return expression + ".*"
            if pattern[index] == "/":
                index += 1
            expression += "(.*/)?"
            continue
        if character == "*":
            expression += "[^/]*"
        elif character == "?":
            expression += "[^/]"
        elif character in "[]":
            expression += character
        elif character == "\\" and index + 1 < len(pattern):
            index += 1
            expression += re.escape(pattern[index])
        else:
            expression += re.escape(character)
        index += 1
    return expression
