"""The API server, asked through the `kubernetes` client library's own connection.

The library is imported when a cluster is first asked: a preview without one never does, and the
import takes longer than the whole rest of a plugin's start.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Final, Protocol

from airgap.plugins.kubernetes.kinds import Object

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 60
CONNECTIONS: Final = 64
"""Kept open at once; `pulumi up` runs at most 4 operations per core by default."""
TRIES: Final = 5
"""For a server that asks to come back later, as one does that has too much to do."""
LONGEST_PAUSE: Final = 10
JSON_PATCH: Final = "application/json-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"


class ApiError(Exception):
    """The API server said no; the text is its own sentence."""

    def __init__(self, code: int, text: str, status: Object | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.status = status or {}

    @property
    def reason(self) -> str:
        """The machine-readable reason, `AlreadyExists` for one."""
        return str(self.status.get("reason", ""))

    @property
    def of_kind(self) -> str:
        """Which kind of object the answer is about, in the plural."""
        return str((self.status.get("details") or {}).get("kind", ""))


class Unreachable(Exception):
    """The API server did not answer; the text says what happened."""


class Api(Protocol):
    """One question and its answer. Raises ApiError or Unreachable."""

    def __call__(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Any: ...


@dataclass(frozen=True)
class Client:
    """The client library's connection to the active cluster of a kubeconfig."""

    connection: Any

    @classmethod
    def of(cls, config: dict[str, Any]) -> Client:
        """Raises Unreachable where the credentials cannot be loaded."""
        from kubernetes.client import Configuration
        from kubernetes.config import ConfigException, new_client_from_config_dict

        connect: Any = new_client_from_config_dict  # it has no types
        configuration = Configuration()
        configuration.retries = False  # urllib3's word for none
        configuration.connection_pool_maxsize = CONNECTIONS
        try:
            return cls(connect(config, persist_config=False, client_configuration=configuration))
        except (ConfigException, OSError, ValueError) as error:
            raise Unreachable(f"its kubeconfig cannot be used: {error}") from error

    def __call__(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Any:
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError, ProtocolError

        request = self.connection.param_serialize(
            method,
            path,
            query_params=list((query or {}).items()),
            header_params={"Accept": "application/json", "Content-Type": content_type},
            body=body,
            auth_settings=["BearerToken"],
        )
        for left in reversed(range(TRIES)):
            try:
                response = self.connection.call_api(
                    *request, _request_timeout=(CONNECT_SECONDS, READ_SECONDS)
                )
                content = response.read()
            except ApiException as error:  # of TLS; answers of the server do not raise here
                raise Unreachable(str(error.reason)) from error
            except ProtocolError as error:  # the server closed a connection that was kept open
                if method == "GET" and left:
                    continue
                raise Unreachable(str(error)) from error
            except (HTTPError, OSError) as error:
                raise Unreachable(str(error)) from error
            later = response.getheader("Retry-After", "")
            if not (left and later.isdecimal()):
                break
            time.sleep(min(int(later), LONGEST_PAUSE))
        return answered(response.status, response.getheader("Content-Type", ""), content)


def answered(code: int, content_type: str, content: bytes) -> Any:
    """The content as JSON, or as text where it is none; raises ApiError for a refusal.

    A log line that happens to be JSON is text.
    """
    value: Any = content.decode(errors="replace")
    if "json" in content_type:
        value = json.loads(content)
    if code < 400:
        return value
    if isinstance(value, dict) and value.get("kind") == "Status":
        raise ApiError(code, str(value.get("message", "")), value)
    raise ApiError(code, f"the server answered {code}: {str(value)[:500]}")
