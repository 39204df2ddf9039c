"""A plugin in this process, asked with the protocol's own messages, and the recorded answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from pulumi.runtime.proto import engine_pb2, provider_pb2, status_pb2

from airgap.plugins import random
from airgap.plugins.docker.container import Container
from airgap.plugins.docker.engine import CONFIG, Engine
from airgap.plugins.docker.image import Image
from airgap.plugins.docker.network import Network
from airgap.plugins.docker.remote_image import RemoteImage
from airgap.plugins.docker.volume import Volume
from airgap.plugins.provider import Provider
from airgap.plugins.resource import Resource
from airgap.plugins.server import Plugin, Server

RECORDED = Path(__file__).parent / "recorded"
Json = dict[str, Any]


class Refused(Exception):
    """What a failing call answers: a code, a sentence and details."""

    def __init__(self, code: grpc.StatusCode, text: str, status: status_pb2.Status) -> None:
        super().__init__(text)
        self.code = code
        self.status = status


class Context:
    """As much of gRPC's context as the server uses."""

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        self.status = status_pb2.Status.FromString(dict(metadata)["grpc-status-details-bin"])

    def abort(self, code: grpc.StatusCode, text: str) -> None:
        raise Refused(code, text, self.status)


class Asked:
    """A plugin whose methods take and answer JSON, as the recordings do."""

    def __init__(self, make: Callable[[Callable[[engine_pb2.LogRequest], object]], Server]) -> None:
        self.logged: list[engine_pb2.LogRequest] = []
        self._provider = make(self.logged.append)

    def __call__(self, method: str, request: Json) -> Json:
        kind = "Check" if method == "CheckConfig" else "Diff" if method == "DiffConfig" else method
        message = ParseDict(request, getattr(provider_pb2, f"{kind}Request")())
        answer: Json = MessageToDict(getattr(self._provider, method)(message, Context()))
        return answer


def asked(plugin: Plugin, *resources: Resource) -> Asked:
    return Asked(lambda log: Provider(plugin, resources, log))


@pytest.fixture
def docker() -> Asked:
    """The docker plugin on an engine that a test must not reach."""
    engine = Engine()
    engine.configure({"host": "tcp://127.0.0.1:1"})
    kinds = (Container, Network, Volume, RemoteImage, Image)
    plugin = Plugin(
        name="docker",
        version="5.1.0",
        config=CONFIG,
        configure=engine.configure,
        cancel=engine.cancelled.set,
    )
    return asked(plugin, *(kind(engine) for kind in kinds))


@pytest.fixture
def random_plugin() -> Asked:
    resources = (random.RandomPassword(), random.RandomString(), random.RandomId())
    return asked(Plugin(name="random", version="4.21.1"), *resources)


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Any]:
    """What the official plugins answered, by the name of the file."""
    return lambda name: json.loads((RECORDED / f"{name}.json").read_text())


def urn(token: str) -> str:
    return f"urn:pulumi:test::test::{token}::name"
