"""A program that waits for roll-outs, without time that passes."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from components.targets.kubernetes import rollouts


@pytest.fixture
def log() -> Iterator[list[str]]:
    """The logged lines. No time passes between two checks, and pods have one report each."""
    lines: list[str] = []

    def reports(client: Any, namespace: str, labels: dict[str, str]) -> list[str]:
        return [f"the pods of {labels['app.kubernetes.io/name']} in {namespace} pull an image"]

    with (
        patch("kubernetes.client.AppsV1Api", lambda client: client),
        patch("kubernetes.client.BatchV1Api", lambda client: client),
        patch("kubernetes.client.CoreV1Api", lambda client: client),
        patch.object(rollouts, "PERIOD", 0),
        patch.object(rollouts, "BRIEF", -1),
        patch("components.targets.kubernetes.failure.reports_or_why_not", reports),
        patch("pulumi.log.info", lambda line: lines.append(f"info: {line}")),
        patch("pulumi.log.error", lambda line: lines.append(f"error: {line}")),
    ):
        yield lines
