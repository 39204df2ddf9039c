"""The configuration page and the JSON Schema are fresh, and the page's examples are valid."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from components.settings import Model, Settings, models_below
from operations import reference, runbook_index, stack_file
from operations.workspace import Workspace
from tests.unit.describing import ROOT

SCHEMA = json.loads(reference.schema())
HOW = "write it again with: make snapshots"
# The example of each section, in the order of the page.
EXAMPLES = {
    match["title"]: match["example"]
    for match in re.finditer(
        r"^## (?P<title>.+)\n\n(?:(?:.+\n)+\n)+?```yaml\n(?P<example>(?:.*\n)+?)```\n\n\| key ",
        reference.page(),
        re.MULTILINE,
    )
}
MODELS = dict(zip(EXAMPLES, models_below(Settings), strict=True))


def problems(stack_file: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(stack_file)]


def stack(**sections: Any) -> dict[str, Any]:
    settings = {"target": "docker"} | sections
    return {"config": {f"ai-platform:{key}": value for key, value in settings.items()}}


def example(title: str) -> dict[str, Any]:
    """The stack file that a section shows, for Docker unless it names a target."""
    config = yaml.safe_load(EXAMPLES[title])["config"]
    return {"config": {"ai-platform:target": "docker"} | config}


def used(value: object) -> Iterator[type[Model]]:
    """The models of the settings that a stack file sets."""
    if isinstance(value, Model):
        yield type(value)
        for name in value.model_fields_set:
            yield from used(getattr(value, name))
    elif isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from used(entry)


def test_the_page_is_fresh() -> None:
    assert reference.PAGE.read_text().splitlines() == reference.page().splitlines(), HOW


def test_the_schema_is_fresh() -> None:
    assert reference.SCHEMA.read_text().splitlines() == reference.schema().splitlines(), HOW


def test_the_page_has_a_section_for_every_link_on_it() -> None:
    page = reference.page()
    sections = {
        line[3:].lower().replace(" ", "-") for line in page.splitlines() if line[:3] == "## "
    }
    links = {part.partition(")")[0] for part in page.split("](#")[1:]}
    assert links
    assert links <= sections


def test_every_section_starts_with_an_example() -> None:
    assert list(EXAMPLES) == re.findall(r"^## (.+)$", reference.page(), re.MULTILINE)


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_is_a_stack_file_without_a_problem_that_uses_its_section(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is loaded as the verbs load a stack file, in a project that has a certificate. It is an
    extract: nobody depends on a stack without a receiver of alerts."""
    (tmp_path / "certificates").mkdir()
    for name in ("fullchain.pem", "privkey.pem"):
        (tmp_path / "certificates" / name).touch()
    config = tmp_path / "Pulumi.mine.yaml"
    extract = example(title)["config"]
    config.write_text(yaml.safe_dump({"config": {"ai-platform:production": False} | extract}))
    monkeypatch.chdir(tmp_path)
    workspace = Workspace(stack="mine", config=config, data=tmp_path, program=tmp_path)
    assert MODELS[title] in set(used(stack_file.settings(workspace)))


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_schema_accepts_the_examples(title: str) -> None:
    assert problems(example(title)) == []


def test_every_setting_says_what_it_may_be_and_what_it_means() -> None:
    rows = [line.split(" | ") for line in reference.page().splitlines() if line[:3] == "| `"]
    assert rows
    for key, kind, *_, meaning in rows:
        assert kind.strip(), key
        assert meaning.removesuffix("|").strip() or kind.startswith("["), key


def test_a_number_has_its_limits() -> None:
    """CPU: a hundredth of a core at least, and at most 64 cores."""
    assert "| `cpu` | number 0.01 to 64 |" in reference.page()


def test_the_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_schema_accepts_the_stack_files_of_the_repository(name: str) -> None:
    assert problems(yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())) == []


@pytest.mark.parametrize(
    "sections",
    [
        {"web": {"gateway": {"replicas": 3}}},
        {"web": {"routes": {"/": None, "/api/": {"timeout": 60}, "/x/": "decision"}}},
        {"web": {"frontend": None}},
        {"web": {"gateway": {"replicas": {"min": 1, "max": 3}}}},
        {"api": {"services": {"decision": None}}},
        {"docker": {"ports": {"reports": 8100, "web": None}}},
        {"registry": {"url": "mirror.example.com", "password": {"secure": "v1:abc"}}},
    ],
)
def test_the_schema_accepts_what_the_settings_accept(sections: dict[str, Any]) -> None:
    assert problems(stack(**sections)) == []


def test_the_schema_leaves_other_namespaces_alone() -> None:
    other = stack()
    other["config"]["docker:host"] = "ssh://user@host"
    other["encryptionsalt"] = "v1:salt"
    assert problems(other) == []


@pytest.mark.parametrize(
    "sections",
    [
        {"dta": {}},
        {"cache": {"maxmemry": "1Mi"}},
        {"api": {"services": {"reports": {"imge": "acme/reports:1"}}}},
        {"observability": {"receiver": {"webhok": {}}}},
        {"target": "dokcer"},
        {"web": {"frontend": {"port": 0}}},
        {"web": {"routes": {"/x/": {"to": "decision", "strip": True}}}},
        {"web": {"gateway": {"replicas": "three"}}},
    ],
)
def test_the_schema_refuses_an_unknown_key_and_a_wrong_value(sections: dict[str, Any]) -> None:
    assert problems(stack(**sections)) != []


def test_the_schema_requires_the_target() -> None:
    assert problems({"config": {}}) != []


def test_the_runbooks_index_is_fresh() -> None:
    assert reference.RUNBOOKS.read_text() == runbook_index.index(), HOW
