"""All errors have the same JSON format.

    {"error": "a_code", "message": "A sentence.", "request_id": "…"}

An invalid request also has `problems`: [{"field": "pixels.3", "message": "…"}].
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from service.logs import REQUEST_ID

log = logging.getLogger(__name__)


class ApiError(Exception):
    """An error response: the status, a code for programs and a sentence for people.

    `reason` appears only in the logs.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(reason or message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


def reply(
    status: int,
    code: str,
    message: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """Return an error response in the common JSON format."""
    content = {"error": code, "message": message, "request_id": REQUEST_ID.get(), **more}
    return JSONResponse(content, status, headers)


def cause(error: Exception) -> str:
    """What an error says. Some, such as time-outs, have a name only."""
    name = type(error).__name__
    return f"{name}: {error}" if str(error) else name


def install(app: FastAPI) -> None:
    """Give every error of the application the common JSON format."""
    app.exception_handler(ApiError)(_api_error)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(RequestValidationError)(_invalid_request)


async def _api_error(_: Request, error: ApiError) -> JSONResponse:
    if error.status >= 500:
        log.warning("%s: %s", error.code, error)
    return reply(error.status, error.code, error.message, error.headers)


async def _http_error(_: Request, error: HTTPException) -> JSONResponse:
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return reply(error.status_code, code, f"{error.detail}.", error.headers)


async def _invalid_request(_: Request, error: RequestValidationError) -> JSONResponse:
    """Report the problem of each field, and never repeat the input."""
    problems = [{"field": _field(item), "message": item["msg"]} for item in error.errors()]
    return reply(422, "invalid_request", "The request is invalid.", problems=problems)


def _field(item: Mapping[str, Any]) -> str:
    if item["type"] == "json_invalid":  # The location is a character offset.
        return "body"
    return ".".join(str(part) for part in item["loc"][1:]) or "body"
