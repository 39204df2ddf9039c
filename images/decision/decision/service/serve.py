"""Run an application until SIGTERM, then finish what is in flight."""

import uvicorn
from fastapi import FastAPI

# Seconds. Longer than nginx keeps an idle connection to its upstream (60), so that it is never
# closed on this side while a request is on its way.
KEEP_ALIVE = 75
# Seconds that requests in flight may take. Each ends sooner by its own time-outs; Docker kills
# after 10.
GRACE = 8


def serve(app: FastAPI, port: int) -> None:
    """Serve on all addresses of the container."""
    uvicorn.run(
        app,
        host="0.0.0.0",
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )
