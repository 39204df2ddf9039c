"""What people do with the applications, through the front door of a stack on either target."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import yaml

from components.addresses import PROJECT
from components.settings import merged
from operations.workspace import ROOT
from tests.e2e.apps import build
from tests.e2e.stack import Stack

HOST, RECORDS_HOST = "ai.example.com", "records.example.com"
RECORDS = "buckets/default/collections/tasks/records"
# How the names of a user's own secrets start in the state.
OWN = "secret."
THIRD_PARTY = ("miniflux", "kinto", "centrifugo")
# The services of earlier versions; they differ from the examples in this.
EARLIER: Mapping[str, Mapping[str, Any]] = {
    "feeds": {
        "image": build.MINIFLUX_OLD.reference,
        "health": "/feeds/healthcheck",
        "ready": "/feeds/healthcheck",
    },
    "records": {"image": build.KINTO_OLD.reference},
}
# By default Centrifugo breaks the silence every 25 s.
TEST_ONLY = {"stream": {"env": {"CENTRIFUGO_CLIENT_PING_INTERVAL": "600s"}}}
EARLIER_VERSIONS = {"feeds": "2.2.0", "records": "24.1.1"}
VERSIONS = {"feeds": "2.3.5", "records": "26.5.0"}
# What the failing release step says.
FAILURE = "no-such-file.ini"
JOBS = {f"ai-platform-{name}" for name in ("feeds", "records", "stream")}


def example(name: str) -> dict[str, Any]:
    """The settings of an example in docs/, without the target."""
    text = (ROOT / "docs" / "examples" / f"{name}.yaml").read_text()
    config = yaml.safe_load(text)["config"]
    settings = {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}
    del settings["target"]
    return settings


def examples(*names: str) -> dict[str, Any]:
    """The settings of several examples in one stack."""
    settings: dict[str, Any] = {}
    for name in names:
        settings = merged(settings, example(name))
    services = settings["api"]["services"]
    changes = {name: change for name, change in TEST_ONLY.items() if name in services}
    return merged(settings, {"api": {"services": changes}})


def with_failing_release() -> dict[str, Any]:
    """The earlier services, but for a new version whose release step fails."""
    failing = {
        "image": build.KINTO.reference,
        "release": {"command": ["kinto", "migrate", "--ini", f"/etc/kinto/{FAILURE}"]},
    }
    return {**EARLIER, "records": failing}


@dataclass(frozen=True, kw_only=True)
class FrontDoor:
    """The gateway, as browsers reach it. `secrets` are those that the examples let generate."""

    url: str
    client: httpx2.Client
    secrets: Mapping[str, str]

    def get(self, path: str, host: str = HOST) -> httpx2.Response:
        return self.client.get(path, headers={"Host": host})

    def ask(
        self,
        method: str,
        path: str,
        content: Any = None,
        *,
        host: str = HOST,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON that an application answers with. Fails where it refuses."""
        names = {"Host": host, **(headers or {})}
        answer = self.client.request(method, path, json=content, auth=auth, headers=names)
        assert answer.is_success, (answer.status_code, answer.text)
        return answer.json()

    @property
    def feeds(self) -> "Feeds":
        return Feeds(door=self)

    @property
    def records(self) -> "Records":
        return Records(door=self)

    @property
    def messages(self) -> "Messages":
        return Messages(door=self)

    @property
    def old_platform(self) -> "OldPlatform":
        return OldPlatform(door=self)


@contextmanager
def front_door(stack: Stack, url: str) -> Iterator[FrontDoor]:
    """The front door of a stack at this URL, with the secrets in the stack's state."""
    secrets = {
        urn.rpartition(OWN)[2]: json.loads(outputs["result"]["plaintext"])
        for urn, outputs in _own_secrets(stack).items()
    }
    with httpx2.Client(base_url=url, timeout=10) as client:
        yield FrontDoor(url=url, client=client, secrets=secrets)


def unprotect_secrets(stack: Stack) -> None:
    """Let the next `up` remove the secrets of the examples, which are protected like data."""
    for urn in _own_secrets(stack):
        stack.workspace.pulumi(
            "state", "unprotect", urn, "--yes", "--stack", stack.name, quiet=True
        )


def _own_secrets(stack: Stack) -> dict[str, Any]:
    """The outputs of the user's own generated secrets, by their URNs."""
    exported = stack.workspace.pulumi(
        "stack", "export", "--show-secrets", "--stack", stack.name, quiet=True
    )
    resources = json.loads(exported.stdout)["deployment"]["resources"]
    return {
        resource["urn"]: resource["outputs"]
        for resource in resources
        if f"::{OWN}" in resource["urn"]
    }


@dataclass(frozen=True, kw_only=True)
class Feeds:
    """Miniflux, below a path that it knows."""

    door: FrontDoor

    def version(self) -> str:
        return str(self._ask("GET", "version")["version"])

    def add(self, category: str) -> None:
        self._ask("POST", "categories", {"title": category})

    def categories(self) -> set[str]:
        return {category["title"] for category in self._ask("GET", "categories")}

    def _ask(self, method: str, path: str, content: Any = None) -> Any:
        auth = ("admin", self.door.secrets["feeds-admin"])
        return self.door.ask(method, f"/feeds/v1/{path}", content, auth=auth)


@dataclass(frozen=True, kw_only=True)
class Records:
    """Kinto, at a host of its own."""

    door: FrontDoor

    def version(self) -> str:
        return str(self._ask("GET", "")["project_version"])

    def sign_up(self) -> None:
        self._ask("PUT", "accounts/alice", {"data": {"password": "wonder"}}, auth=None)

    def add(self, title: str) -> None:
        self._ask("POST", RECORDS, {"data": {"title": title}})

    def titles(self) -> set[str]:
        return {record["title"] for record in self._ask("GET", RECORDS)["data"]}

    def _ask(
        self,
        method: str,
        path: str,
        content: Any = None,
        auth: tuple[str, str] | None = ("alice", "wonder"),
    ) -> Any:
        return self.door.ask(method, f"/v1/{path}", content, host=RECORDS_HOST, auth=auth)


@dataclass(frozen=True, kw_only=True)
class Messages:
    """Centrifugo, below a path that it does not know."""

    door: FrontDoor

    def publish(self, channel: str, text: str) -> None:
        self._call("publish", {"channel": channel, "data": text})

    def history(self, channel: str) -> list[str]:
        answer = self._call("history", {"channel": channel, "limit": 100})
        return [publication["data"] for publication in answer["result"]["publications"]]

    def _call(self, method: str, command: Mapping[str, Any]) -> Any:
        key = {"X-API-Key": self.door.secrets["stream-key"]}
        answer = self.door.ask("POST", f"/stream/api/{method}", command, headers=key)
        assert "error" not in answer, answer
        return answer


@dataclass(frozen=True, kw_only=True)
class OldPlatform:
    """The page, the backend and the decision service of the old platform."""

    door: FrontDoor

    def page(self) -> str:
        return self.door.get("/").text

    def observe(self, source: str) -> str:
        observation = {"source": source}
        return str(self.door.ask("POST", "/api/observations", observation)["decision"])

    def observations(self) -> Any:
        return self.door.ask("GET", "/api/observations")


def fill(door: FrontDoor) -> None:
    """Store data in every application."""
    door.feeds.add("e2e")
    door.records.sign_up()
    door.records.add("buy milk")
    door.messages.publish("notes", "hello")


def check(door: FrontDoor) -> None:
    """Check that every application answers with what `fill` stored."""
    assert "e2e" in door.feeds.categories()
    assert door.records.titles() == {"buy milk"}
    history = door.messages.history("notes")
    assert history == ["hello"], history


def versions(door: FrontDoor) -> dict[str, str]:
    return {"feeds": door.feeds.version(), "records": door.records.version()}


def visible_metrics(door: FrontDoor) -> list[str]:
    """The applications' metrics that the gateway shows to everybody."""
    places = (
        (HOST, "/feeds/metrics"),
        (RECORDS_HOST, "/v1/__metrics__"),
        (HOST, "/stream/metrics"),
    )
    return [path for host, path in places if door.get(path, host).status_code != 404]


def connect_message(door: FrontDoor, channel: str) -> str:
    """How a client introduces itself to Centrifugo and subscribes to a channel."""
    header, body = ({"alg": "HS256", "typ": "JWT"}, {"sub": "alice"})
    signed = f"{_base64(json.dumps(header).encode())}.{_base64(json.dumps(body).encode())}"
    signature = hmac.digest(door.secrets["stream-tokens"].encode(), signed.encode(), hashlib.sha256)
    return json.dumps({"token": f"{signed}.{_base64(signature)}", "subs": {channel: {}}})


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
