"""Binds PromQL to one namespace, for a Prometheus that others share."""

import re

# The words of PromQL that could be taken for the name of a metric. A name before a parenthesis is a
# function.
_WORDS = "|".join(
    (
        *("and", "or", "unless", "bool", "offset", "atan2", "inf", "nan"),
        *("by", "without", "on", "ignoring", "group_left", "group_right"),
        *("sum", "min", "max", "avg", "count", "stddev", "stdvar", "group", "quantile"),
        *("topk", "bottomk", "count_values", "limitk", "limit_ratio"),
    )
)
_TEXT = r""" "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` """
_TOKEN = re.compile(
    rf"""
    {_TEXT}
    | \#[^\n]*                                                                      # a comment
    | \[[^\]]*\]                                                                    # a range
    | \$\w+ | \$\{{[^}}]*\}}                                                          # Grafana's
    | \bby\s*\((?P<by>[^)]*)\)
    | \b(?:without|on|ignoring|group_left|group_right)\s*\([^)]*\)                 # labels
    | (?<![\w:.]) (?:\d|\.\d)[\w.]*                                                 # a number
    | (?i:\b(?:{_WORDS})\b) (?![:\w]|\s*\{{)
    | [a-zA-Z_:][\w:]*\s*\(                                                         # a function
    | (?P<metric>[a-zA-Z_:][\w:]*)? \s* (?P<matchers>\{{ (?: {_TEXT} | [^{{}}"'`] )* \}})
    | (?P<alone>[a-zA-Z_:][\w:]*)
    """,
    re.VERBOSE,
)


def bound(expression: str, namespace: str) -> str:
    """The expression with a matcher of the label `namespace` in each of its selectors.

    The Prometheus Operator sets this label on every series that it scrapes for us. Aggregations
    keep it, because what other rules recorded has it too: without it, neither side of an `or` would
    hide the other.
    """
    matcher = f'namespace="{namespace}"'

    def bind(token: re.Match[str]) -> str:
        if token["alone"]:
            return f"{token['alone']}{{{matcher}}}"
        if token["by"] is not None:
            return f"by ({', '.join(filter(None, ('namespace', token['by'].strip())))})"
        if token["matchers"] is None:
            return token[0]
        rest = token["matchers"][1:-1].strip()
        return f"{token['metric'] or ''}{{{matcher}{', ' if rest else ''}{rest}}}"

    return _TOKEN.sub(bind, expression)
