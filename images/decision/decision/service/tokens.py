"""Who may ask: the bearer of the token."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from .errors import ApiError

Check = Callable[[HTTPAuthorizationCredentials | None], Awaitable[None]]

_bearer = HTTPBearer(auto_error=False)


def require(token: SecretStr) -> Check:
    """A dependency that refuses, with 401, a request without `Authorization: Bearer <token>`."""
    expected = token.get_secret_value().encode()

    async def check(
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> None:
        # In constant time: the time of an answer must not tell how much of a guess was right.
        if given is None or not hmac.compare_digest(given.credentials.encode(), expected):
            raise ApiError(
                401,
                "unauthorized",
                "Send the header Authorization: Bearer <token> with this installation's token.",
                headers={"WWW-Authenticate": "Bearer"},
            )

    return check
