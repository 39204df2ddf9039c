"""`python -m backend`: serve until SIGTERM, then exit with status 0."""

import signal
import sys


def main() -> None:
    # Set before the imports, which take a second: the first process of a container has no default
    # handler, so a stop meanwhile would wait for its kill. uvicorn takes over while it serves and
    # raises the signal again when it is done.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from backend.app import run

    run()


if __name__ == "__main__":
    main()
