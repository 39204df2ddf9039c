"""Commands in the runbooks name workloads that exist."""

import re

from tests.unit.describing import KUBERNETES, ROOT
from tests.unit.rendering import render

PAGES = "\n".join(path.read_text() for path in (ROOT / "docs" / "runbooks").glob("*.md"))


def test_workloads_in_runbook_commands_exist_on_a_cluster_with_that_kind() -> None:
    named = set(re.findall(r"(deployment|statefulset)/ai-platform-([a-z-]+)", PAGES))
    rendered = render(KUBERNETES)
    kinds = {"deployment": "Deployment", "statefulset": "StatefulSet"}
    existing = {
        (kind, name)
        for kind, resource_type in kinds.items()
        for name in rendered.of_type(resource_type)
    }
    assert named
    assert named <= existing, named - existing


def test_containers_in_runbook_commands_exist_on_docker() -> None:
    named = set(re.findall(r"ai-platform-dev-([a-z-]+)", PAGES))
    assert named
    assert named <= render().containers().keys(), named
