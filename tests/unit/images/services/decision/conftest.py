from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from decision import classifier, digits
from decision.app import create_app
from decision.classifier import Model
from decision.digits import Digits
from decision.settings import Settings

TOKEN = "a-marked-token"


@pytest.fixture(scope="session")
def parts() -> tuple[Digits, Digits]:
    return digits.load()


@pytest.fixture(scope="session")
def training(parts: tuple[Digits, Digits]) -> Digits:
    return parts[0]


@pytest.fixture(scope="session")
def evaluation(parts: tuple[Digits, Digits]) -> Digits:
    return parts[1]


@pytest.fixture(scope="session")
def trained() -> Model:
    return classifier.load()


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(api_token=SecretStr(TOKEN), version="1.2.3"))) as client:
        yield client


@pytest.fixture
def signed_in() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}
