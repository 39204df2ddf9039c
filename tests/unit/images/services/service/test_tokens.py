import pytest
from fastapi.testclient import TestClient

from tests.unit.images.services.backend.fakes import OBSERVATION, TOKEN

ID = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/decisions"),
        ("GET", "/api/decisions"),
        ("GET", f"/api/decisions/{ID}"),
        ("GET", "/api/decisions/not-an-id"),
    ],
)
@pytest.mark.parametrize(
    "header", [None, "", TOKEN, "Bearer", "Bearer x", f"Bearer {TOKEN}x", f"Basic {TOKEN}"]
)
def test_without_the_token_nothing_else_is_checked(
    client: TestClient, method: str, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    for body in (b'{"not": "valid"}', b"{not json"):
        answer = client.request(
            method, path, content=body, headers=headers | {"Content-Type": "application/json"}
        )

        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}"])
def test_the_token_is_accepted(client: TestClient, header: str) -> None:
    answer = client.post("/api/decisions", json=OBSERVATION, headers={"Authorization": header})

    assert answer.status_code == 201


def test_a_wrong_token_may_contain_any_characters(client: TestClient) -> None:
    answer = client.get("/api/decisions", headers={b"Authorization": "Bearer ä".encode("latin-1")})

    assert answer.status_code == 401
