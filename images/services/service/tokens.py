"""Access control by a bearer token."""

import hmac
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import SecretStr

from service.errors import ApiError


def protected(token: SecretStr) -> type[APIRoute]:
    """Return the class of routes that answer 401 without `Authorization: Bearer <token>`.

    It checks the token first; a dependency would check it after the body has been parsed.
    """
    expected = token.get_secret_value().encode()

    class Protected(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def check(request: Request) -> Response:
                header = request.headers.get("Authorization")
                scheme, credentials = get_authorization_scheme_param(header)
                # Compare in constant time: the duration must not reveal a partially correct guess.
                valid = hmac.compare_digest(credentials.encode(), expected)
                if scheme.lower() != "bearer" or not valid:
                    raise ApiError(
                        401,
                        "unauthorized",
                        "Send the header Authorization: Bearer <this installation's token>.",
                        headers={"WWW-Authenticate": "Bearer"},
                    )
                return await answer(request)

            return check

    return Protected
