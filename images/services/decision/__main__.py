"""`python -m decision`: serve until SIGTERM, then exit with status 0."""

import signal
import sys


def main() -> None:
    # Set before the imports, which take a second. The first process of a container has no default
    # handler, so it would ignore SIGTERM until it is killed. uvicorn takes over while it serves,
    # and raises the signal again when it is done.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from decision.app import run

    run()


if __name__ == "__main__":
    main()
