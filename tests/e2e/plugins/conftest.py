"""The stand-ins on the real engine, also where official plugins are installed."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from airgap.plugins import install
from tests.e2e.plugins.program import Program


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One stack for all tests: each says what it wants there to be."""
    directory = tmp_path_factory.mktemp("plugins")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_HOME", str(directory / "home"))
        install(directory / "bin", Path(sys.executable))
    made = Program(directory, directory / "bin")
    made.clean()
    yield made
    made.clean()
    made.engine.close()


@pytest.fixture
def port() -> Iterator[socket.socket]:
    """A port of this machine, taken until it is closed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken
