"""The page that lists the runbooks, written from the alerts and the pages themselves."""

from collections.abc import Iterator
from typing import Any

import yaml

from operations.workspace import ROOT

PAGES = ROOT / "docs" / "runbooks"
RULES = ROOT / "monitoring" / "prometheus" / "rules"

HEAD = """\
# Runbooks

Written by `python -m operations reference` from the alerts and their pages; do not edit.

Each alert has a page: what it means, where to look, what to do, and when it is over. The pages use
the container names of the stack `dev`. For another stack, use `ai-platform-STACK-SERVICE`;
`make status` lists the services.

| alert | severity | says |
| --- | --- | --- |
"""


def index() -> str:
    return HEAD + "".join(
        f"| [{alert}]({alert}.md) | {', '.join(severities)} | {_first_sentence(alert)} |\n"
        for alert, severities in _alerts().items()
    )


def _alerts() -> dict[str, list[str]]:
    """The severities of each alert, in the order of the rules."""
    alerts: dict[str, list[str]] = {}
    for rule in _rules():
        if "alert" in rule:
            severities = alerts.setdefault(rule["alert"], [])
            if rule["labels"]["severity"] not in severities:
                severities.append(rule["labels"]["severity"])
    return alerts


def _rules() -> Iterator[dict[str, Any]]:
    for path in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def _first_sentence(alert: str) -> str:
    """What the page says first, below its title."""
    _, paragraph, *_ = (PAGES / f"{alert}.md").read_text().split("\n\n")
    return " ".join(paragraph.split())
