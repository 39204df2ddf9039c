"""The Docker engine, asked through the `docker` client library.

The library is imported when the engine is first asked: a preview without drift never asks it, and
the import takes longer than the whole rest of a plugin's start.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from airgap.plugins.resource import Failed, Resource
from airgap.plugins.values import Properties

Client = Any
"""`docker.APIClient`, whose requests are partly without types."""
CONFIG: Final = frozenset({"host", "registryAuth"})
CANCELLED: Final = "cancelled"
POLL_SECONDS: Final = 0.1
IN_USE_SECONDS: Final = 30
"""How long the removal of a network or volume in use is tried: as long as officially."""
HUB: Final = "docker.io"
HUB_NAMES: Final = frozenset({HUB, "index.docker.io", "registry-1.docker.io"})

T = TypeVar("T")


class Engine:
    """One engine: how to reach it, whose credentials to pull with, and whether to stop waiting."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self._host: str | None = None
        self._auth: dict[str, dict[str, str]] = {}
        self._clients = threading.local()

    def configure(self, settings: Properties) -> None:
        """`host` is a URL (else DOCKER_HOST counts), `registryAuth` a list of credentials."""
        self._host = settings.get("host")
        entries = settings.get("registryAuth") or []
        for entry in json.loads(entries) if isinstance(entries, str) else entries:
            self._auth[registry_name(entry["address"])] = {
                "username": entry.get("username", ""),
                "password": entry.get("password", ""),
            }

    @property
    def client(self) -> Client:
        """This thread's client: the library does not promise that threads may share one."""
        if not hasattr(self._clients, "client"):
            from docker import APIClient
            from docker.utils import kwargs_from_env

            reach: dict[str, Any] = dict(kwargs_from_env())
            if self._host:
                reach["base_url"] = self._host
            # no time-out: a build may be silent for minutes, and a cancel ends every wait
            reach |= {"version": "auto", "timeout": None}
            with explained("Unable to reach the Docker engine"):
                self._clients.client = APIClient(**reach)
        return self._clients.client

    def credentials(self, registry: str) -> dict[str, str] | None:
        """The login for a registry, or None: then the client library reads its own file."""
        return self._auth.get(registry_name(registry))

    def sleep(self, seconds: float) -> None:
        """Wait, and fail at once when the run is cancelled."""
        if self.cancelled.wait(seconds):
            raise Failed(CANCELLED)

    def until_cancelled(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread of its own; on a cancel leave it behind and fail.

        The plugin ends soon after a cancel, and with it the connection: the engine then stops a
        build.
        """
        results: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

        def run() -> None:
            try:
                results.put((work(), None))
            except BaseException as error:  # handed to the caller, whatever it is
                results.put((None, error))

        threading.Thread(target=run, daemon=True).start()
        while True:
            try:
                result, error = results.get(timeout=POLL_SECONDS)
            except Empty:
                self.sleep(0)
                continue
            if error is not None:
                raise error
            return result  # type: ignore[return-value]  # a result comes without an error

    def remove_when_free(self, remove: Callable[[], None], in_use: str) -> None:
        """Remove what may be in use for a moment longer; succeeds when it is gone already."""
        from docker.errors import APIError, NotFound

        deadline = time.monotonic() + IN_USE_SECONDS
        while True:
            try:
                return remove()
            except NotFound:
                return None
            except APIError as error:
                if in_use not in reason(error) or time.monotonic() > deadline:
                    raise
            self.sleep(POLL_SECONDS)


class EngineResource(Resource):
    """A resource type of the engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine


@contextmanager
def explained(prefix: str) -> Iterator[None]:
    """Turn the client's errors into a sentence that ends with the engine's own words."""
    from docker.errors import DockerException

    try:
        yield
    except (DockerException, OSError) as error:  # OSError: the connection broke
        raise Failed(f"{prefix}: {reason(error)}") from error


def unless_missing(look: Callable[[], T]) -> T | None:
    """What the engine says about a thing, or None when it has no such thing."""
    from docker.errors import NotFound

    with explained("Unable to inspect"):
        try:
            return look()
        except NotFound:
            return None


def reason(error: Exception) -> str:
    """The engine's own words, without the client's."""
    return str(getattr(error, "explanation", None) or error)


def registry_name(address: str) -> str:
    """`https://host:port/v1/` and `host:port` name one registry; Docker Hub has several names."""
    name = address.removeprefix("https://").removeprefix("http://").split("/")[0]
    return HUB if name in HUB_NAMES else name
