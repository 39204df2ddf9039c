"""The decision service, asked over HTTP."""

import httpx2
from pydantic import SecretStr, ValidationError

from backend.schemas import DecisionPart, Model, Verdict
from service.errors import ApiError
from service.logs import REQUEST_ID
from service.schemas import Observation

# Seconds. A decision takes about a ms.
TIMEOUT = httpx2.Timeout(2.0, connect=0.5)
# Seconds. Less than servers keep an idle connection, so that it is we who close it.
IDLE = 4.0


class DeciderDownError(ApiError):
    """The decision service cannot be reached, or its answer cannot be used."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            503,
            "decision_service_unavailable",
            "The decision service does not answer; try again shortly.",
            reason=reason,
        )


class Decider:
    """A client with a pool of connections. `transport` stands in for the network in tests."""

    def __init__(
        self, url: str, token: SecretStr, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._client = httpx2.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token.get_secret_value()}"},
            timeout=TIMEOUT,
            limits=httpx2.Limits(keepalive_expiry=IDLE),
            # No proxy from the environment: this talk stays inside the platform.
            trust_env=False,
            transport=transport,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def decide(self, observation: Observation) -> Verdict:
        """Raises DeciderDownError."""
        answer = await self._ask("POST", "/decide", observation)
        try:
            return Verdict.model_validate_json(answer)
        except ValidationError as error:
            raise DeciderDownError("its answer is not a verdict") from error

    async def describe(self) -> DecisionPart:
        """The service as it is now; never raises."""
        try:
            answer = await self._ask("GET", "/model")
            return DecisionPart(up=True, model=Model.model_validate_json(answer))
        except (DeciderDownError, ValidationError):
            return DecisionPart(up=False)

    async def _ask(self, method: str, path: str, body: Observation | None = None) -> bytes:
        headers = {"Content-Type": "application/json"}
        if request_id := REQUEST_ID.get():
            headers["X-Request-ID"] = request_id
        content = body.model_dump_json() if body else None
        try:
            try:
                response = await self._client.request(
                    method, path, headers=headers, content=content
                )
            except (httpx2.NetworkError, httpx2.RemoteProtocolError):
                # A replica that has just gone, or closed an idle connection. Once more: to decide
                # twice does no harm.
                response = await self._client.request(
                    method, path, headers=headers, content=content
                )
            response.raise_for_status()
        except httpx2.HTTPError as error:
            raise DeciderDownError(f"{type(error).__name__}: {error}") from error
        return response.content
