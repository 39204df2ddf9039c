"""Which package imports which: docs/architecture.md as a test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.describing import ROOT

COMPONENTS = ROOT / "components"
VOCABULARY = {
    "addresses",
    "container",
    "derived_names",
    "operated",
    "placement",
    "probe",
    "text",
    "volumes",
    "workload",
}
TIERS = {"api", "cache", "data", "observability", "web"}
# What the modules of each package may import, besides their own package.
ALLOWED = {
    "vocabulary": set(),
    "images": {"vocabulary"},
    "settings": {"vocabulary", "images"},
    "catalogue": {"vocabulary", "images", "settings", "plain_files", "source_digest", "dockerfile"},
    "image_lock": {"images", "settings", "plain_files"},
    "dockerfile": set(),
    "offsite": {"vocabulary", "settings"},
    "file_copies": {"vocabulary", "settings", "catalogue", "offsite"},
    "plain_files": {"vocabulary"},
    "source_digest": {"dockerfile"},
    "http_service": {"vocabulary", "settings", "catalogue"},
    "models": {"vocabulary", "settings", "catalogue", "values"},
    "secrets": {"vocabulary", "settings"},
    "tier": {"vocabulary"},
    "tiers": {
        "vocabulary",
        "settings",
        "catalogue",
        "file_copies",
        "http_service",
        "models",
        "offsite",
        "plain_files",
        "service_jobs",
        "tier",
        "values",
        "volume_exporter",
    },
    "volume_exporter": {"vocabulary", "settings", "catalogue"},
    "service_jobs": {"vocabulary", "settings"},
    "values": {"vocabulary", "settings", "tiers"},
    "stack_name": set(),
    "targets": {"vocabulary", "settings", "catalogue", "secrets", "stack_name", "tier"},
    "stack_settings": {"settings", "plain_files", "image_lock", "stack_name"},
    "outputs": {"vocabulary", "settings", "secrets", "tier", "targets"},
}
# The tiers whose connections a tier receives.
CONNECTIONS = {
    "components.api",
    "components.observability",
    "components.data.connection",
    "components.cache.connection",
}
WITH_PULUMI = {
    "secrets",
    "stack_name",
    "tier",
    "tiers",
    "targets",
    "stack_settings",
    "outputs",
}


def room(module: str) -> str:
    """The package of a module of components, such as `components.data.tier`."""
    name = module.split(".")[1]
    if name in VOCABULARY:
        return "vocabulary"
    return "tiers" if name in TIERS else name


def imports(path: Path) -> Iterator[str]:
    """The modules of our own packages that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from names if node.module == "components" else [node.module]


def modules() -> dict[str, Path]:
    paths = (path for path in COMPONENTS.rglob("*.py") if path != COMPONENTS / "__init__.py")
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
    }


MODULES = modules()


@pytest.mark.parametrize("module", MODULES)
def test_a_package_imports_only_those_that_the_map_allows(module: str) -> None:
    importer = room(module)
    others = {name for name in imports(MODULES[module]) if name.startswith("components.")}
    assert {name for name in others if room(name) not in {importer, *ALLOWED[importer]}} == set()


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) in ("tiers", "values")])
def test_a_tier_uses_only_the_connections_of_another(module: str) -> None:
    tier = module.split(".")[1]
    others = {name for name in imports(MODULES[module]) if name.startswith("components.")}
    foreign = {name for name in others if name.split(".")[1] in TIERS - {tier}}
    assert foreign <= CONNECTIONS


@pytest.mark.parametrize("target", ["docker", "kubernetes"])
def test_targets_do_not_import_each_other(target: str) -> None:
    other = {"docker": "kubernetes", "kubernetes": "docker"}[target]
    modules = list((COMPONENTS / "targets" / target).rglob("*.py"))
    foreign = [name for path in modules for name in imports(path) if other in name.split(".")]
    assert [name for name in foreign if name.startswith("components.")] == []


@pytest.mark.parametrize("module", MODULES)
def test_only_modules_that_create_resources_import_pulumi(module: str) -> None:
    packages = {name.split(".")[0] for name in imports(MODULES[module])}
    if room(module) not in WITH_PULUMI:
        assert not {package for package in packages if package.startswith("pulumi")}
    if not module.startswith("components.targets.kubernetes"):
        assert not packages & {"pulumi_kubernetes", "kubernetes"}
    if not module.startswith("components.targets.docker"):
        assert "pulumi_docker" not in packages
