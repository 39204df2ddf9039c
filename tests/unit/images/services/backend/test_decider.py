import asyncio

import httpx2
import pytest
from pydantic import SecretStr

from backend.decider import Decider, DeciderDownError
from backend.schemas import DecisionPart, Verdict
from decision.app import create_app
from decision.settings import Settings
from service.logs import REQUEST_ID
from service.schemas import Observation
from tests.unit.images.services.backend.fakes import (
    MODEL,
    OBSERVATION,
    TOKEN,
    VERDICT,
    FakeDecisionService,
)


def decide(transport: httpx2.AsyncBaseTransport, request_id: str | None = None) -> Verdict:
    async def ask() -> Verdict:
        REQUEST_ID.set(request_id)
        decider = Decider("http://decision", SecretStr(TOKEN), transport)
        return await decider.decide(Observation.model_validate(OBSERVATION))

    return asyncio.run(ask())


def test_a_request_for_a_verdict_has_the_token_and_the_request_id(
    decider: FakeDecisionService,
) -> None:
    verdict = decide(decider.transport, request_id="abc-1")

    assert verdict == Verdict.model_validate(VERDICT)
    request = decider.requests[0]
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["X-Request-ID"] == "abc-1"
    assert Observation.model_validate_json(request.content).source == "camera-1"


def test_a_broken_connection_is_retried_once(decider: FakeDecisionService) -> None:
    decider.failures = [httpx2.RemoteProtocolError("closed")]

    assert decide(decider.transport).label == "7"


@pytest.mark.parametrize(
    "failures",
    [
        [httpx2.ConnectError("refused"), httpx2.ConnectError("refused")],
        [httpx2.ReadTimeout("slow")],
        [httpx2.Response(401)],
        [httpx2.Response(500)],
        [httpx2.Response(200, text="<html>")],
        [httpx2.Response(200, json={"label": "7"})],
    ],
)
def test_every_failure_is_the_same_error(
    decider: FakeDecisionService, failures: list[Exception | httpx2.Response]
) -> None:
    decider.failures = failures

    with pytest.raises(DeciderDownError):
        decide(decider.transport)
    assert not decider.failures


def test_a_timeout_is_not_retried(decider: FakeDecisionService) -> None:
    decider.failures = [httpx2.ReadTimeout("")] * 2

    with pytest.raises(DeciderDownError, match=r"POST /decide at [a-z0-9.:-]+: ReadTimeout$"):
        decide(decider.transport)
    assert len(decider.requests) == 1


def test_a_service_that_does_not_answer_is_reported_as_down(decider: FakeDecisionService) -> None:
    client = Decider("http://decision", SecretStr(TOKEN), decider.transport)

    up = asyncio.run(client.describe())
    decider.failures = [httpx2.ConnectError("refused")] * 2
    down = asyncio.run(client.describe())

    assert up == DecisionPart.model_validate({"up": True, "model": MODEL})
    assert down == DecisionPart(up=False, model=None)


def test_the_real_decision_service_accepts_the_request() -> None:
    service = create_app(Settings(api_token=SecretStr(TOKEN)))

    verdict = decide(httpx2.ASGITransport(service))

    assert verdict.model.startswith("digits-")
