from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from airgap.plugins import stubs
stubs.without_sdk()
from pulumi.runtime.proto import provider_pb2_grpc
print(provider_pb2_grpc.ResourceProviderServicer.__name__, "pulumi.resource" in sys.modules)
"""


def test_the_stubs_are_imported_without_the_rest_of_the_sdk() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert run.stdout == "ResourceProviderServicer False\n"


@pytest.mark.parametrize("name", ["docker", "kubernetes"])
def test_a_plugin_starts_without_the_client_library(name: str) -> None:
    program = f"import airgap.plugins.{name}.__main__, sys; print({name!r} in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "False\n"
