"""The metrics that a PromQL expression uses."""

import re

TEXT = re.compile(r'"[^"]*"')
# Label matchers, ranges and lists of label names contain words that are not metrics.
LABELS = re.compile(
    r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"
)
NAME = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()")
OPERATORS = {"and", "or", "unless", "bool", "offset", "sum", "min", "max", "avg", "count"}


def metrics(expression: str) -> set[str]:
    """The names of the metrics that the expression reads."""
    # Strings are removed first, because a brace in one would end a matcher too soon.
    return set(NAME.findall(LABELS.sub("", TEXT.sub("", expression)))) - OPERATORS
