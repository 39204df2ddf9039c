"""A bounded load of requests on one address of this machine, and how many of them failed."""

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
"""Below those that the kernel hands out. A node forwards a connection from a source port that was
used in the last two minutes to where it forwarded the one before: to a pod that is lost, for one.
Clients that come from everywhere do not do that, so no two requests share a port for long."""


@dataclass
class Load:
    """Requests that several clients send one after the other until there were `total` of them."""

    url: str
    total: int
    headers: dict[str, str] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[float, str]] = field(default_factory=list)
    """When each request that failed was sent, on time.monotonic's clock, and its answer."""

    def __post_init__(self) -> None:
        self._left = self.total
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def _next(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0 and not self._stop.is_set()

    def _send(self) -> None:
        while self._next():
            sent = time.monotonic()
            answer = self._answer()
            with self._lock:
                self.answers[answer] += 1
                if answer != "200":
                    self.failures.append((sent, answer))

    def _answer(self) -> str:
        """The status of one answer, or the error in place of one.

        A connection for each request: each one is balanced again, and finds what is not there.
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
        """Send no more than what is under way."""
        self._stop.set()

    @property
    def sent(self) -> int:
        return sum(self.answers.values())

    @property
    def failed(self) -> dict[str, int]:
        return {answer: count for answer, count in self.answers.items() if answer != "200"}

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """Send while the block runs, and until all are sent; nothing more after an error in it."""
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
    """Requests that pass through the web tier to the backend while the block runs."""
    with Load(url=f"{url}/api/status", total=total).running() as load:
        eventually(lambda: load.sent > 50, 30, 0.1)
        yield load
