"""What is wrong with a stack's settings: where, what was found, and what is allowed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One wrong setting. `found` is None where showing it could show a secret."""

    path: str
    allowed: str
    found: str | None = None
    nearest: str | None = None

    def __str__(self) -> str:
        lines = [self.path]
        if self.found is not None:
            lines.append(f"  found    {self.found}")
        lines.append(f"  allowed  {self.allowed}")
        if self.nearest:
            lines.append(f"  nearest  {self.nearest}")
        return "\n".join(lines)


class SettingsError(Exception):
    """Every problem of a stack's settings at once. Nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} wrong setting{'s' if len(self.problems) > 1 else ''}"
        body = "\n".join(str(problem) for problem in self.problems)
        super().__init__(
            f"{count}; nothing was changed. docs/configuration.md has every key.\n\n{body}"
        )


def nearest(word: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The name that was probably meant; None where no name resembles the word."""
    return next(iter(get_close_matches(word, list(names), n=1, cutoff=cutoff)), None)
