"""The kubernetes stand-in on a real API server, also where the official plugin is installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from airgap.plugins import install
from tests.e2e.cluster.place import Cluster
from tests.e2e.plugins.kubernetes.program import Program


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stand-ins."""
    directory = tmp_path_factory.mktemp("plugins")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_HOME", str(directory / "home"))
        install(directory / "bin", Path(sys.executable))
    return directory / "bin"


@pytest.fixture(scope="session")
def program(
    tmp_path_factory: pytest.TempPathFactory, plugins: Path, cluster: Cluster
) -> Iterator[Program]:
    """One stack for most tests: each says what it wants there to be."""
    made = Program(tmp_path_factory.mktemp("kubernetes"), plugins, cluster)
    yield made
    made.describe()
    made.pulumi("destroy", "--yes", "--skip-preview")


@pytest.fixture
def fresh(tmp_path: Path, plugins: Path, cluster: Cluster) -> Program:
    """A stack of which nothing is deployed."""
    return Program(tmp_path, plugins, cluster)
