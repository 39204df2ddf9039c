"""A limited number of HTTP requests to one address, and how many of them failed."""

import errno
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from tests.e2e.stack import eventually

CLIENTS = 4
ANSWERS_WITHIN = 15
"""Seconds."""

SOURCE_PORTS = itertools.cycle(range(10_000, 32_000))
"""Ports outside the kernel's range for clients. For two minutes, a node forwards a connection from
the same source port to the same pod, even if the pod is lost. Real clients come from many
addresses, so the load does not reuse a source port for a long time."""


@dataclass
class Load:
    """`total` requests from several clients; each client sends one request after the other."""

    url: str
    total: int
    headers: dict[str, str] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[float, str]] = field(default_factory=list)
    """The time of each failed request on the clock of time.monotonic, and its answer."""

    def __post_init__(self) -> None:
        self._remaining = self.total
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def _next(self) -> bool:
        with self._lock:
            self._remaining -= 1
            return self._remaining >= 0 and not self._stop.is_set()

    def _send(self) -> None:
        while self._next():
            start = time.monotonic()
            answer = self._answer()
            with self._lock:
                self.answers[answer] += 1
                if answer != "200":
                    self.failures.append((start, answer))

    def _answer(self) -> str:
        """The status of an answer, or the name of an error.

        Each request opens its own connection, so that the cluster balances every request.
        """
        url = urlsplit(self.url)
        while True:
            connection = HTTPConnection(
                str(url.hostname),
                url.port,
                timeout=ANSWERS_WITHIN,
                source_address=("", next(SOURCE_PORTS)),
            )
            try:
                connection.request("GET", url.path, headers={**self.headers, "Connection": "close"})
                return str(connection.getresponse().status)
            except (OSError, HTTPException) as error:
                if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                    continue
                return type(error).__name__
            finally:
                connection.close()

    def stop(self) -> None:
        """Send no further requests."""
        self._stop.set()

    @property
    def sent(self) -> int:
        return sum(self.answers.values())

    @property
    def failed(self) -> dict[str, int]:
        return {answer: count for answer, count in self.answers.items() if answer != "200"}

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """Send during the block, and after it until all are sent; stop at an error in the block."""
        threads = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        except BaseException:
            self.stop()
            raise
        finally:
            for thread in threads:
                thread.join()


@contextmanager
def under_load(url: str, total: int) -> Iterator[Load]:
    """Send requests through the web tier to the backend during the block."""
    with Load(url=f"{url}/api/status", total=total).running() as load:
        eventually(lambda: load.sent > 50, 30, 0.1)
        yield load
