"""Logs: one JSON object per line on standard output, each with the id of its request."""

import logging
import sys
import time
from contextvars import ContextVar
from typing import TextIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)


class Formatter(JsonFormatter):
    """Fields: time (UTC), level, logger, message, request_id, then the caller's `extra`."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__(
            ["asctime", "levelname", "name", "message", "request_id"],
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            # uvicorn repeats its message with terminal colours.
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],
        )


def _add_request_id(record: logging.LogRecord) -> bool:
    record.request_id = REQUEST_ID.get()
    return True


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send all logs of the process, including the server's, to the stream (standard output)."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(Formatter())
    handler.addFilter(_add_request_id)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # The HTTP client would log every request; our own log line for a request is enough.
    for name in ("httpx2", "httpcore2", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
