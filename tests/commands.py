"""The commands of the documents, as people copy them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Pages about the past, and pages that are made from the code, tell nobody what to type.
NOT_TYPED = ("docs/decisions/", "CHANGELOG.md", "docs/configuration.md")
_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_HEREDOC = re.compile(r"<<-?'?(\w+)'?")


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command line, with the text that it reads from a here-document."""

    page: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"

    @property
    def line(self) -> str:
        """The command without its pipeline, its comment and its here-document."""
        first = re.sub(r"\d?>&\d", "", self.text.splitlines()[0])
        lexer = shlex.shlex(first, posix=False, punctuation_chars="|;&<>()")
        lexer.whitespace_split = True
        words = []
        for word in lexer:
            if set(word) <= set("|;&<>()"):
                break
            words.append(word)
        return " ".join(words)


def commands(program: str) -> list[Command]:
    """Every command of the documents that starts this program, each once."""
    found: dict[str, Command] = {}
    for path in sorted(ROOT.rglob("*.md")):
        page = str(path.relative_to(ROOT))
        if page.startswith((".", *NOT_TYPED)):
            continue
        for text in _typed(path.read_text()):
            if text.startswith(f"{program} ") and "…" not in text:
                found.setdefault(text, Command(page=page, text=text))
    return list(found.values())


def _typed(page: str) -> Iterator[str]:
    """The commands in fences, with their continued lines, and those between backquotes."""
    for language, body in _FENCE.findall(page):
        if language in ("", "sh", "bash"):
            yield from _in_fence(body)
    for inline in re.findall(r"`([^`]+)`", _FENCE.sub("", page)):
        yield re.sub(r"\s+", " ", inline)


def _in_fence(body: str) -> Iterator[str]:
    lines = iter(body.splitlines())
    for line in lines:
        text = line.strip()
        while text.endswith("\\"):
            text = f"{text[:-1].rstrip()} {next(lines).strip()}"
        if end := _HEREDOC.search(text):
            for read in lines:
                text += f"\n{read}"
                if read.strip() == end[1]:
                    break
        yield text
