"""Run an application until SIGTERM, then finish what is in flight."""

import asyncio
import socket

import uvicorn
from fastapi import FastAPI

# Seconds. Longer than nginx keeps an idle connection to its upstream (60), so that this side never
# closes a connection while a request is on its way.
KEEP_ALIVE = 75
# Seconds after the signal in which busy clients are told to open no further request here.
DRAIN = 1
# Seconds that requests in flight may take after that. With what closes last, less than the 10
# after which Docker kills; each ends sooner by its own time-outs.
GRACE = 6


class Server(uvicorn.Server):
    """Lets go of its clients before it stops.

    uvicorn alone closes a kept connection as soon as it is idle, also when the next request is on
    its way: with 16 busy clients each of them lost one.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.server_state.default_headers.append((b"connection", b"close"))
        await asyncio.sleep(DRAIN)
        await super().shutdown(sockets)


def serve(app: FastAPI, port: int) -> None:
    """Serve on all addresses of the container."""
    config = uvicorn.Config(
        app,
        host="0.0.0.0",
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )
    Server(config).run()
