"""The protocol's common part, shared by the stand-ins: how each starts, announces and configures.

The engine starts a plugin, reads a port from its standard output and calls
`pulumirpc.ResourceProvider` there.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2
from pulumi.runtime.proto import provider_pb2_grpc as service

from airgap.plugins.answers import answering, config_diff, failures
from airgap.plugins.checks import Failure
from airgap.plugins.resource import Log
from airgap.plugins.values import Properties, from_struct, reveal

WORKERS = 128
"""Operations at once: more than `pulumi up` starts by default, since most of them only wait."""
MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes in one message: the engine's own limit (pulumi/sdk, rpcutil)."""
ENGINE_OWN_CONFIG = frozenset({"version", "pluginDownloadURL"})
UNIMPLEMENTED = "this stand-in does not implement the setting"


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A provider: what it is called, what its configuration may say, what a cancel does."""

    name: str
    version: str
    config: frozenset[str] = frozenset()
    configure: Callable[[Properties], None] = lambda _: None
    cancel: Callable[[], None] = lambda: None


def serve(engine: str, make: Callable[[Callable[[engine_pb2.LogRequest], object]], Server]) -> None:
    """Answer the engine that listens at `engine` (host:port) until it goes away."""
    # the engine ends a plugin with SIGINT, after it said Cancel; the terminal's own does not come
    # here
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = os.getppid()
    limits = [(f"grpc.max_{way}_message_length", MESSAGE_LIMIT) for way in ("receive", "send")]
    server = grpc.server(ThreadPoolExecutor(WORKERS), options=limits)
    log = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine)).Log
    service.add_ResourceProviderServicer_to_server(make(log), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while server.wait_for_termination(timeout=1) and os.getppid() == parent:
        pass


class Server(service.ResourceProviderServicer):
    """The protocol's methods that concern no resource, by their official names."""

    tokens: tuple[str, ...] = ()
    """The resource types, where there is a list of them."""

    def __init__(self, plugin: Plugin, log: Callable[[engine_pb2.LogRequest], object]) -> None:
        self._plugin = plugin
        self._log = log

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._plugin.version)

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        tokens: dict[str, object] = {token: {} for token in self.tokens}
        schema = {"name": self._plugin.name, "version": self._plugin.version, "resources": tokens}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(
            inputs=request.news, failures=failures(self.refused(from_struct(request.news)))
        )

    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        return config_diff(reveal(from_struct(request.olds)), reveal(from_struct(request.news)))

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        with answering(context):
            self._plugin.configure(reveal(from_struct(request.args)))
            plugin = self._plugin
            self.say("", f"a stand-in answers for pulumi-resource-{plugin.name} {plugin.version}")
            return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._plugin.cancel()
        return empty_pb2.Empty()

    def refused(self, settings: Properties) -> list[Failure]:
        """What is wrong with the provider's settings."""
        unknown = sorted(settings.keys() - self._plugin.config - ENGINE_OWN_CONFIG)
        return [Failure(name, UNIMPLEMENTED) for name in unknown]

    def logger(self, urn: str) -> Log:
        return lambda line: self.say(urn, line)

    def say(self, urn: str, line: str) -> None:
        """Show a line for good, or beside the resource while an operation on it runs."""
        self._log(
            engine_pb2.LogRequest(
                severity=engine_pb2.INFO, message=line, urn=urn, ephemeral=bool(urn)
            )
        )
