"""Whole renders that many tests share; no test changes them."""

import pytest

from tests.unit.cases import CASES, Case
from tests.unit.describing import KUBERNETES, ROOT
from tests.unit.rendering import Rendered, render


@pytest.fixture(autouse=True)
def _without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tree's own lock file is not part of the tests."""
    monkeypatch.setattr("components.image_lock.PATH", ROOT / "no-lock")


@pytest.fixture(scope="session")
def dev() -> Rendered:
    """The default stack on official images."""
    return CASES["dev"].render()


@pytest.fixture(scope="session")
def debian() -> Rendered:
    """The default stack on images from Debian's packages."""
    return render({"images": {"catalogue": "debian"}})


@pytest.fixture(scope="session")
def own() -> Rendered:
    """A stack with a user's own images and an additional service."""
    return CASES["own"].render()


@pytest.fixture(scope="session")
def least() -> Rendered:
    """A Kubernetes stack with required settings only."""
    return render(KUBERNETES)


@pytest.fixture(scope="session")
def prod() -> Rendered:
    """Pulumi.prod.yaml as it is."""
    return CASES["prod"].render()


@pytest.fixture(scope="session")
def own_kubernetes() -> Rendered:
    """The user's own images on a cluster with every optional setting."""
    return CASES["own-kubernetes"].render()


@pytest.fixture(scope="session")
def existing_secrets() -> Rendered:
    """Pulumi.prod.yaml on a cluster that has some of the secrets already."""
    return CASES["existing-secrets"].render()


@pytest.fixture(scope="session")
def operators() -> Rendered:
    """Pulumi.prod.yaml on a cluster on which operators run PostgreSQL and Prometheus."""
    return CASES["operators"].render()


# The stacks whose pods are all ours. test_operators.py covers those with an operator's pods.
WITHOUT_OPERATORS = [
    name for name, case in CASES.items() if "kubernetes" in case.settings and name != "operators"
]


@pytest.fixture(params=WITHOUT_OPERATORS)
def case(request: pytest.FixtureRequest) -> Case:
    """Each recorded Kubernetes stack."""
    return CASES[request.param]


@pytest.fixture
def kubernetes(case: Case, request: pytest.FixtureRequest) -> Rendered:
    """Each recorded Kubernetes stack, rendered."""
    (name,) = (name for name, other in CASES.items() if other is case)
    rendered: Rendered = request.getfixturevalue(name.replace("-", "_"))
    return rendered
