"""The examples of applications in docs/, and the pages that explain them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import load
from tests.unit.describing import ROOT

EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.yaml"))
PAGE = ROOT / "docs" / "bring-your-application.md"


def config(text: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(text)["config"]
    return config


@pytest.mark.parametrize("target", ["docker", "kubernetes"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_valid_on_both_targets(example: Path, target: str) -> None:
    values = {**config(example.read_text()), "ai-platform:target": target}
    if target == "kubernetes":
        values["ai-platform:production"] = False
        values["ai-platform:images"] = {"repository": "registry.example.com/acme"}
        ingress = {"controller_namespace": "traefik", "tls": {"secret": "ai-platform-tls"}}
        values["ai-platform:kubernetes"] = {"context": "production", "ingress": ingress}
    load(
        {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in values.items()
        }
    )


def test_every_example_is_listed() -> None:
    links = re.findall(r"\]\(examples/([a-z-]+\.yaml)\)", PAGE.read_text())
    assert set(links) == {example.name for example in EXAMPLES}


def test_the_readme_shows_an_example_that_the_end_to_end_tests_run() -> None:
    section = (ROOT / "README.md").read_text().partition("## Your own images")[2]
    body = section.partition("```yaml\n")[2].partition("```")[0]
    assert body == (ROOT / "docs/examples/miniflux.yaml").read_text().partition("\n")[2]


def test_the_page_says_what_each_setting_of_the_old_platform_is_for() -> None:
    values = config((ROOT / "docs/examples/old-platform.yaml").read_text())
    services = values["ai-platform:api"]["services"].values()
    keys = {key for service in services for key in service} | set(
        values["ai-platform:web"]["frontend"]
    )
    explained = set(re.findall(r"`([a-z_]+)", PAGE.read_text()))
    # The usual limit of memory needs no reason.
    assert keys - explained <= {"memory"}
