"""The line between tiers and targets."""

import subprocess
import sys
from functools import cache
from typing import Any

import pulumi
import pytest

from components.secrets import Secrets
from components.targets import select
from tests.unit.describing import KUBERNETES, ROOT, catalogue, settings

LOADED = """
import sys
from tests.unit.describing import KUBERNETES
from tests.unit.rendering import render
render({arguments})
print("\\n".join(sys.modules))
"""

# Modules that describe a stack, and read its settings and its plain files.
PLAIN_MODULES = (
    *("addresses", "container", "workload", "operated", "text"),
    *("settings", "images", "catalogue", "http_service"),
    *("observability.scrape_jobs", "observability.rules"),
)


@cache
def loaded(arguments: str) -> set[str]:
    """The packages that a run of the program imports in its own process."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED.format(arguments=arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {module.partition(".")[0] for module in run.stdout.split()}


def test_a_docker_stack_never_imports_the_kubernetes_sdk() -> None:
    packages = loaded("")
    assert "pulumi_docker" in packages
    assert not {package for package in packages if package.startswith(("pulumi_kube", "kube"))}


@pytest.mark.parametrize("arguments", ["KUBERNETES", "KUBERNETES, preview=True"])
def test_a_kubernetes_stack_never_imports_the_docker_sdk(arguments: str) -> None:
    packages = loaded(arguments)
    assert "pulumi_kubernetes" in packages
    assert not {package for package in packages if "docker" in package}


def test_a_preview_never_imports_a_client_of_the_cluster() -> None:
    assert "kubernetes" not in loaded("KUBERNETES, preview=True")


def test_the_vocabulary_and_the_settings_never_import_pulumi() -> None:
    imports = ", ".join(f"components.{module}" for module in PLAIN_MODULES)
    program = f"import sys, {imports}; print('pulumi' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize("stack", [{}, KUBERNETES], ids=["docker", "kubernetes"])
def test_a_stack_with_an_invalid_name_is_rejected(
    stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error comes before anything is registered, and looks like a wrong setting."""
    monkeypatch.setattr(pulumi, "get_stack", lambda: "-odd")
    with pytest.raises(pulumi.RunError, match="nothing was changed") as refusal:
        select(settings(stack), catalogue(stack), Secrets(settings(stack)))
    assert "the stack's name\n  found    '-odd'\n  allowed  at most 63" in str(refusal.value)
