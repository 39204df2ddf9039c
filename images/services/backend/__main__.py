"""`python -m backend`: serve until SIGTERM, then exit with status 0."""

import signal
import sys


def main() -> None:
    # Set this before the imports, which take a second. PID 1 of a container has no default handler,
    # so it would ignore SIGTERM until it is killed. While uvicorn serves, it handles the signal
    # and raises it again after shutdown.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from backend.app import run

    run()


if __name__ == "__main__":
    main()
