"""What people do with the applications, through the front door of a stack on either target."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import yaml

from components.addresses import PROJECT
from components.settings import merged
from operations.workspace import ROOT
from tests.e2e.apps import build

HOST = "ai.example.com"
# The secrets that the platform would generate; the tests have to know them.
SECRETS = {
    "feeds-admin": "e2e-password-of-feeds",
    "stream-key": "e2e-key-of-stream",
    "stream-tokens": 'e2e "tokens" of stream, 32 bytes or more',
}
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
EARLIER_VERSIONS = {"feeds": "2.2.0", "records": "22.0.0"}
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
    """The settings of several examples in one stack, with secrets that the tests know."""
    settings: dict[str, Any] = {}
    for name in names:
        settings = merged(settings, example(name))
    return merged(settings, {"secrets": SECRETS})


def with_failing_release() -> dict[str, Any]:
    """The earlier services, but for a new version whose release step fails."""
    failing = {
        "image": build.KINTO.reference,
        "release": {"command": ["kinto", "migrate", "--ini", f"/etc/kinto/{FAILURE}"]},
    }
    return {**EARLIER, "records": failing}


@dataclass(frozen=True, kw_only=True)
class FrontDoor:
    """The gateway, as browsers reach it."""

    url: str

    def client(self, host: str = HOST, **options: Any) -> httpx2.Client:
        return httpx2.Client(
            base_url=self.url, headers={"Host": host}, **{"timeout": 10, **options}
        )

    @property
    def feeds(self) -> "Feeds":
        return Feeds(client=self.client(auth=("admin", SECRETS["feeds-admin"])))

    @property
    def records(self) -> "Records":
        return Records(client=self.client(host="records.example.com", auth=("alice", "wonder")))

    @property
    def messages(self) -> "Messages":
        return Messages(client=self.client())

    @property
    def old_platform(self) -> "OldPlatform":
        return OldPlatform(client=self.client())


@dataclass(frozen=True, kw_only=True)
class Feeds:
    """Miniflux, below a path that it knows."""

    client: httpx2.Client

    def version(self) -> str:
        return str(_json(self.client.get("/feeds/v1/version"))["version"])

    def add(self, category: str) -> None:
        _json(self.client.post("/feeds/v1/categories", json={"title": category}))

    def categories(self) -> set[str]:
        return {entry["title"] for entry in _json(self.client.get("/feeds/v1/categories"))}


@dataclass(frozen=True, kw_only=True)
class Records:
    """Kinto, at a host of its own."""

    client: httpx2.Client

    def version(self) -> str:
        return str(_json(self.client.get("/v1/"))["project_version"])

    def sign_up(self) -> None:
        _json(self.client.put("/v1/accounts/alice", json={"data": {"password": "wonder"}}))

    def add(self, title: str) -> None:
        path = "/v1/buckets/default/collections/tasks/records"
        _json(self.client.post(path, json={"data": {"title": title}}))

    def titles(self) -> set[str]:
        answer = _json(self.client.get("/v1/buckets/default/collections/tasks/records"))
        return {record["title"] for record in answer["data"]}


@dataclass(frozen=True, kw_only=True)
class Messages:
    """Centrifugo, below a path that it does not know."""

    client: httpx2.Client

    def publish(self, channel: str, text: str) -> None:
        self._call("publish", {"channel": channel, "data": text})

    def history(self, channel: str) -> list[str]:
        answer = self._call("history", {"channel": channel, "limit": 100})
        return [publication["data"] for publication in answer["result"]["publications"]]

    def _call(self, method: str, command: Mapping[str, Any]) -> Any:
        headers = {"X-API-Key": SECRETS["stream-key"]}
        answer = _json(
            self.client.post(f"/stream/api/{method}", json=dict(command), headers=headers)
        )
        assert "error" not in answer, answer
        return answer


@dataclass(frozen=True, kw_only=True)
class OldPlatform:
    """The page, the backend and the decision service of the old platform."""

    client: httpx2.Client

    def page(self) -> str:
        return self.client.get("/").text

    def observe(self, source: str) -> str:
        return str(
            _json(self.client.post("/api/observations", json={"source": source}))["decision"]
        )

    def observations(self) -> Any:
        return _json(self.client.get("/api/observations"))


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
    assert door.messages.history("notes") == ["hello"]


def versions(door: FrontDoor) -> dict[str, str]:
    return {"feeds": door.feeds.version(), "records": door.records.version()}


def visible_metrics(door: FrontDoor) -> list[str]:
    """The applications' metrics that the gateway shows to everybody."""
    places = (
        (HOST, "/feeds/metrics"),
        ("records.example.com", "/v1/__metrics__"),
        (HOST, "/stream/metrics"),
    )
    return [path for host, path in places if door.client(host).get(path).status_code != 404]


def connect_message(channel: str) -> str:
    """How a client introduces itself to Centrifugo and subscribes to a channel."""
    header, body = ({"alg": "HS256", "typ": "JWT"}, {"sub": "alice"})
    signed = f"{_base64(json.dumps(header).encode())}.{_base64(json.dumps(body).encode())}"
    signature = hmac.digest(SECRETS["stream-tokens"].encode(), signed.encode(), hashlib.sha256)
    return json.dumps({"token": f"{signed}.{_base64(signature)}", "subs": {channel: {}}})


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _json(answer: httpx2.Response) -> Any:
    assert answer.is_success, (answer.status_code, answer.text)
    return answer.json()
