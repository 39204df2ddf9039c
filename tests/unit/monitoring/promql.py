"""Which metrics a PromQL expression asks for."""

import re

TEXT = re.compile(r'"[^"]*"')
# Label matchers, ranges and lists of label names hold words that are no metrics.
LABELS = re.compile(
    r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"
)
NAME = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()")
OPERATORS = {"and", "or", "unless", "bool", "offset", "sum", "min", "max", "avg", "count"}


def metrics(expression: str) -> set[str]:
    """Names of the metrics that the expression reads."""
    # Texts go first: a brace in one would end a matcher too soon.
    return set(NAME.findall(LABELS.sub("", TEXT.sub("", expression)))) - OPERATORS
