"""The HTTP client of the decision service."""

import httpx2
from pydantic import SecretStr, ValidationError

from backend.schemas import DecisionPart, Model, Verdict
from service.errors import ApiError, cause
from service.logs import REQUEST_ID
from service.schemas import Observation

# Seconds. A decision takes about 1 ms.
TIMEOUT = httpx2.Timeout(2.0, connect=0.5)
# Seconds. Servers keep idle connections longer than this, so that the client closes them first.
IDLE = 4.0


class DeciderDownError(ApiError):
    """The decision service is unreachable, or its answer is invalid."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            503,
            "decision_service_unavailable",
            "The decision service does not answer; try again shortly.",
            reason=reason,
        )


class Decider:
    """A client with a connection pool. In tests, `transport` replaces the network."""

    def __init__(
        self, url: str, token: SecretStr, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._client = httpx2.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token.get_secret_value()}"},
            timeout=TIMEOUT,
            limits=httpx2.Limits(keepalive_expiry=IDLE),
            # Ignore proxies from the environment: this traffic stays inside the platform.
            trust_env=False,
            transport=transport,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def decide(self, observation: Observation) -> Verdict:
        """Return the verdict, or raise DeciderDownError."""
        answer = await self._ask("POST", "/decide", observation)
        try:
            return Verdict.model_validate_json(answer)
        except ValidationError as error:
            raise DeciderDownError("its answer is not a verdict") from error

    async def describe(self) -> DecisionPart:
        """Return the current state of the service. This never raises."""
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
                # The replica has just stopped, or has closed an idle connection. A retry is safe,
                # because deciding twice has no side effects.
                response = await self._client.request(
                    method, path, headers=headers, content=content
                )
            response.raise_for_status()
        except httpx2.HTTPError as error:
            server = self._client.base_url.netloc.decode()
            raise DeciderDownError(f"{method} {path} at {server}: {cause(error)}") from error
        return response.content
