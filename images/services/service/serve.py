"""Run an application until SIGTERM, then finish the requests in flight."""

import asyncio
import socket

import uvicorn
from fastapi import FastAPI

# Seconds. nginx keeps an idle upstream connection for 60 s. The service keeps it longer, so that it
# never closes a connection while nginx sends a request.
KEEP_ALIVE = 75
# Seconds after the signal. In this time, responses tell clients to close their connections.
DRAIN = 1
# Seconds that requests in flight may take after that. The whole shutdown must take less than 10 s,
# after which Docker kills the container. Requests end sooner by their own timeouts.
GRACE = 6


class Server(uvicorn.Server):
    """Closes its clients' connections before it stops.

    On shutdown, uvicorn alone closes idle keep-alive connections at once, even if the next request
    is already under way. With 16 busy clients, each of them lost one request.
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
