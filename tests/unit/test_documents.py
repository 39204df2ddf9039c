"""Whether the documents match the repository, and what no file may contain."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import SettingsError, load
from tests.unit.describing import KUBERNETES, ROOT, config, hosted

# Created by tools or by the set-up step; git ignores them.
IGNORED = {"__pycache__", "wheels", "node_modules"}
GENERATED = {"go.sum"}


def files(pattern: str) -> Iterator[Path]:
    """The repository's own files."""
    for path in sorted(ROOT.rglob(pattern)):
        inside = path.relative_to(ROOT)
        hidden = any(part.startswith(".") and part != ".ci" for part in inside.parts[:-1])
        if path.is_file() and not hidden and not IGNORED & set(inside.parts):
            yield path


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


PAGES = list(files("*.md"))
DECISIONS = [path for path in PAGES if re.match(r"\d{4}-", path.name)]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Directories that exist on one machine only.
MACHINE = re.compile(r"(?<![\w.$}~-])/(?:work|Users|home/[a-z]\w*|root)/[\w.]")
PACKAGE_REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("proxy", "golang", "org"),
        ("deb", "debian", "org"),
        ("crates", "io"),
    )
]


def sections(text: str) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code(text: str) -> str:
    """The text in code fences and between backquotes."""
    fenced = [body for _, body in FENCE.findall(text)]
    return "\n".join([*fenced, *re.findall(r"`([^`\n]+)`", FENCE.sub("", text))])


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_to_a_file_works(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), link
        assert file.is_relative_to(ROOT), link
        if anchor:
            assert anchor in sections(file.read_text()), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_verb_in_a_page_is_in_the_makefile(page: Path) -> None:
    verbs = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = set(re.findall(r"(?:^|[\s(])make (?:-s )?([a-z][a-z0-9-]*)", code(page.read_text())))
    assert used <= verbs


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_module_in_a_page_exists(page: Path) -> None:
    for module in re.findall(r"python3? -m ([a-z_.]+)", code(page.read_text())):
        assert find_spec(module.rstrip(".")) is not None, module


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_in_a_page_exists(page: Path) -> None:
    """Paths below the directories of the repository, as the pages write them."""
    below = r"(?:airgap|cluster|components|database|docs|images|monitoring|operations|tests)"
    for name in re.findall(rf"(?<![\w/.-])({below}/[\w/.-]*\w)", code(page.read_text())):
        assert (ROOT / name).exists() or (page.parent / name).exists(), name


@pytest.mark.parametrize("page", DECISIONS, ids=named)
def test_a_decision_has_its_reasons_and_alternatives(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
    assert headings[:3] == ["Decision", "Why", "Rejected"]


def test_every_decision_is_listed_with_the_next_number() -> None:
    listed = LINK.findall((ROOT / "docs" / "decisions" / "README.md").read_text())
    assert [link for link in listed if re.match(r"\d{4}-", link)] == [
        page.name for page in DECISIONS
    ]
    numbers = [int(page.name[:4]) for page in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def stack_files() -> list[str]:
    """The stack files that pages show; test_reference.py loads those of configuration.md."""
    return [
        body
        for page in PAGES
        if page.name != "configuration.md"
        for language, body in FENCE.findall(page.read_text())
        if language in ("yaml", "yml") and "ai-platform:" in body
    ]


def test_the_readme_shows_how_to_add_a_service() -> None:
    assert any("services:" in body for body in stack_files())


@pytest.mark.parametrize("body", stack_files())
def test_every_stack_file_in_a_page_is_valid(body: str) -> None:
    config = {"ai-platform:target": "docker"} | (yaml.safe_load(body).get("config") or {})
    load(
        {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in config.items()
        }
    )


@cache
def texts() -> dict[str, str]:
    """Every text file of ours, by its path."""
    contents = {}
    for path in files("*"):
        # In a second work tree `.git` is a file.
        if path.name not in (*GENERATED, ".git"):
            with suppress(UnicodeDecodeError):
                contents[named(path)] = path.read_text()
    return contents


MAIL = {"to": "a@acme.com", "sender": "b@acme.com", "smarthost": "acme.com:25"}


@pytest.mark.parametrize(
    "values",
    [
        hosted(host="ai.acme.com"),
        {**KUBERNETES, "observability": {"receiver": {"mail": {**MAIL, "cidrs": ["0.0.0.0/0"]}}}},
        {**KUBERNETES, "observability": {"mode": "operator", "grafana": False}},
    ],
)
def test_the_page_about_clusters_names_what_production_requires(values: dict[str, Any]) -> None:
    load(config(values))
    with pytest.raises(SettingsError) as error:
        load(config({**values, "production": True}))
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    rows = page.partition("## What production requires\n")[2].partition("\n## ")[0]
    assert {problem.path for problem in error.value.problems} <= set(re.findall(r"`(.+?)`", rows))


def test_no_file_names_a_directory_of_one_machine() -> None:
    assert [name for name, text in texts().items() if MACHINE.search(text)] == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    """Users with a mirror configure it in their package manager."""
    registries = {
        name: host for name, text in texts().items() for host in PACKAGE_REGISTRIES if host in text
    }
    assert registries == {}


def test_the_changelog_has_the_version_of_the_program() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert version[1] in (ROOT / "CHANGELOG.md").read_text()
