"""Requests at a fixed rate, and how long each answer took."""

import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

CLIENTS = 16
WRITES = 10
"""One request of so many writes."""

ANSWERS_WITHIN = 15
"""Seconds."""


@dataclass(kw_only=True)
class Paced:
    """Requests that begin at a fixed rate, whether or not the earlier ones are answered.

    The time of an answer counts from the moment at which its request was due: a client that waits
    for a slow answer hides none of those that wait behind it.
    """

    url: str
    headers: dict[str, str]
    path: str
    content: object
    rate: float
    times: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def run(self, going: Callable[[], bool]) -> None:
        """Send for as long as this is true."""
        begin, numbers, lock = time.monotonic(), iter(range(2**62)), threading.Lock()

        def send() -> None:
            connection = self._connection()
            while going():
                with lock:
                    number = next(numbers)
                due = begin + number / self.rate
                time.sleep(max(due - time.monotonic(), 0))
                failure = self._failure(connection, write=number % WRITES == 0)
                with lock:
                    self.times.append(time.monotonic() - due)
                    if failure:
                        self.failed.append(failure)
            connection.close()

        threads = [threading.Thread(target=send) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _connection(self) -> HTTPConnection:
        url = urlsplit(self.url)
        return HTTPConnection(str(url.hostname), url.port, timeout=ANSWERS_WITHIN)

    def _failure(self, connection: HTTPConnection, *, write: bool) -> str:
        try:
            if write:
                body = json.dumps(self.content)
                headers = {**self.headers, "Content-Type": "application/json"}
                connection.request("POST", self.path, body, headers)
            else:
                connection.request("GET", self.path, headers=self.headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException) as error:
            connection.close()
            return type(error).__name__
        return "" if answer.status < 300 else str(answer.status)


def percentile(times: Sequence[float], percent: float) -> float:
    """The time that so many percent of the answers did not exceed."""
    ordered = sorted(times)
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
