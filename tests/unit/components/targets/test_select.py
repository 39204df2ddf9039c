"""The line between tiers and targets."""

import subprocess
import sys

import pulumi
import pytest

from tests.unit.describing import ROOT
from tests.unit.rendering import render

LOADED = """
import sys
from tests.unit.rendering import render
render()
print("\\n".join(sys.modules))
"""


def test_a_kubernetes_stack_is_refused_with_one_sentence_about_its_target() -> None:
    with pytest.raises(pulumi.RunError) as caught:
        render({"target": "kubernetes"})
    assert str(caught.value) == (
        "target: kubernetes is not in this version yet; its settings are valid and nothing was "
        "changed. Use a stack with target: docker."
    )


def test_a_docker_stack_never_imports_the_kubernetes_sdk() -> None:
    """In a process of its own: here, another test may have imported it."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {module.partition(".")[0] for module in run.stdout.split()}
    assert "pulumi_docker" in loaded
    assert not {module for module in loaded if module.startswith(("pulumi_kubernetes", "kube"))}


def test_what_describes_knows_nothing_of_pulumi() -> None:
    modules = ("workload", "text", "settings", "images", "service", "monitoring")
    imports = ", ".join(f"components.{module}" for module in modules)
    program = f"import sys, {imports}; print('pulumi' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
