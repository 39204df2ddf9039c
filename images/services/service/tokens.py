"""Who may ask: the bearer of the token."""

import hmac
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import SecretStr

from service.errors import ApiError


def protected(token: SecretStr) -> type[APIRoute]:
    """Routes that answer 401 to a request without `Authorization: Bearer <token>`.

    Before anything else is looked at: a dependency would come after the body has been parsed.
    """
    expected = token.get_secret_value().encode()

    class Protected(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def check(request: Request) -> Response:
                header = request.headers.get("Authorization")
                scheme, credentials = get_authorization_scheme_param(header)
                # In constant time: how long it takes must not tell how much of a guess was right.
                right = hmac.compare_digest(credentials.encode(), expected)
                if scheme.lower() != "bearer" or not right:
                    raise ApiError(
                        401,
                        "unauthorized",
                        "Send the header Authorization: Bearer <this installation's token>.",
                        headers={"WWW-Authenticate": "Bearer"},
                    )
                return await answer(request)

            return check

    return Protected
