"""Middleware for every request: its id, size limit, log line, metrics and last-resort error."""

import logging
import re
import time
from uuid import uuid4

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import reply
from service.logs import REQUEST_ID
from service.metrics import PROBES, Metrics

log = logging.getLogger(__name__)

# A caller's request id must match this, because it goes into our logs.
SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LONGEST_PATH = 200
TOO_LARGE = "The body is larger than this service accepts"


class RequestMiddleware:
    """The request id is the caller's X-Request-ID if it matches SANE_ID, else a new one."""

    def __init__(self, app: ASGIApp, metrics: Metrics, max_body: int) -> None:
        """`max_body`: the size limit of a request body in bytes. A larger one gets a 413."""
        self._app = app
        self._metrics = metrics
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        REQUEST_ID.set(request_id)
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                # Answers are for one person at one time.
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            if int(Headers(scope=scope).get("content-length", "0")) > self._max_body:
                error = reply(413, "request_entity_too_large", f"{TOO_LARGE}.")
                await error(scope, receive, send_with_id)
            else:
                await self._app(scope, self._limited(receive), send_with_id)
        except Exception:
            log.exception("a request failed")
            if status:  # The response has started, so the server closes the connection.
                raise
            error = reply(500, "internal_error", "Something went wrong; the logs say what.")
            await error(scope, receive, send_with_id)
        finally:
            self._record(scope, status or 500, time.perf_counter() - started)

    def _limited(self, receive: Receive) -> Receive:
        """Limit a body without a Content-Length header."""
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body:
                raise HTTPException(413, TOO_LARGE)
            return message

        return receive_limited

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        # The route's template, because a path with an id would create a new series for each id.
        template = getattr(scope.get("route"), "path", "unknown")
        self._metrics.count(method, template, status, seconds)
        path = scope["path"][:LONGEST_PATH]
        client = scope["client"][0] if scope.get("client") else None
        log.log(
            logging.DEBUG if template in PROBES else logging.INFO,
            "%s %s %d",
            method,
            path,
            status,
            extra={
                "method": method,
                "path": path,
                "status": status,
                "duration_ms": round(seconds * 1000, 1),
                "client": client,
            },
        )


def _request_id(scope: Scope) -> str:
    request_id = Headers(scope=scope).get("x-request-id", "")
    return request_id if SANE_ID.fullmatch(request_id) else uuid4().hex
