"""The server side of the official protocol, shared by the stand-ins.

The engine starts a plugin, reads a port from its standard output and calls
`pulumirpc.ResourceProvider` there. This module turns requests into calls of `Resource`, and
failures into what the engine expects.
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

from airgap.plugins.answers import answering, config_diff, failures, moved_inputs, resource_diff
from airgap.plugins.checks import Failure
from airgap.plugins.resource import Failed, Live, Log, Resource
from airgap.plugins.values import Properties, from_struct, mark_secrets, reveal, to_struct

WORKERS = 128
"""Operations at once: more than `pulumi up` starts by default, since most of them only wait."""
MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes in one message: the engine's own limit (pulumi/sdk, rpcutil)."""
ENGINE_OWN_CONFIG = frozenset({"version", "pluginDownloadURL"})


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A provider: its resource types and what its configuration may say."""

    name: str
    version: str
    resources: tuple[Resource, ...]
    config: frozenset[str] = frozenset()
    configure: Callable[[Properties], None] = lambda _: None
    cancel: Callable[[], None] = lambda: None


def serve(plugin: Plugin, engine: str) -> None:
    """Answer the engine that listens at `engine` (host:port) until it goes away."""
    # the engine ends a plugin with SIGINT, after it said Cancel; the terminal's own does not come
    # here
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = os.getppid()
    limits = [(f"grpc.max_{way}_message_length", MESSAGE_LIMIT) for way in ("receive", "send")]
    server = grpc.server(ThreadPoolExecutor(WORKERS), options=limits)
    log = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine)).Log
    service.add_ResourceProviderServicer_to_server(Provider(plugin, log), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while server.wait_for_termination(timeout=1) and os.getppid() == parent:
        pass


class Provider(service.ResourceProviderServicer):
    """The protocol's methods, by their official names."""

    def __init__(self, plugin: Plugin, log: Callable[[engine_pb2.LogRequest], object]) -> None:
        self._plugin = plugin
        self._resources = {resource.table.token: resource for resource in plugin.resources}
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
        tokens: dict[str, object] = {token: {} for token in self._resources}
        schema = {"name": self._plugin.name, "version": self._plugin.version, "resources": tokens}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        unknown = sorted(request.news.fields.keys() - self._plugin.config - ENGINE_OWN_CONFIG)
        reason = "this stand-in does not implement the setting"
        return provider_pb2.CheckResponse(
            inputs=request.news, failures=failures([Failure(name, reason) for name in unknown])
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
            self._say("", f"a stand-in answers for pulumi-resource-{plugin.name} {plugin.version}")
            return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        with answering(context):
            inputs, refused = self._resource(request.urn).check(from_struct(request.news))
            return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=failures(refused))

    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        with answering(context):
            resource = self._resource(request.urn)
            changes = resource.diff(
                reveal(from_struct(request.olds)), reveal(from_struct(request.news))
            )
            return resource_diff(resource, changes)

    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        inputs = from_struct(request.properties)
        with answering(context, inputs):
            resource = self._resource(request.urn)
            if request.preview:
                outputs = resource.preview_create(reveal(inputs))
                return provider_pb2.CreateResponse(
                    properties=to_struct(mark_secrets(outputs, inputs))
                )
            live = resource.create(reveal(inputs), self._logger(request.urn))
            return provider_pb2.CreateResponse(
                id=live.id, properties=to_struct(mark_secrets(live.outputs, inputs))
            )

    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        inputs, before = from_struct(request.inputs), from_struct(request.properties)
        with answering(context):
            if not before:
                raise Failed("this stand-in does not import resources")
            now = self._resource(request.urn).read(Live(request.id, reveal(before)))
            if now is None:
                return provider_pb2.ReadResponse()
            moved = moved_inputs(reveal(inputs), reveal(before), now.outputs)
            return provider_pb2.ReadResponse(
                id=now.id,
                properties=to_struct(mark_secrets(now.outputs, before, inputs)),
                inputs=to_struct(mark_secrets(moved, inputs)),
            )

    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        olds, news = from_struct(request.olds), from_struct(request.news)
        secrets = (news, {name: value for name, value in olds.items() if name not in news})
        live = Live(request.id, reveal(olds))
        with answering(context, *secrets):
            resource = self._resource(request.urn)
            if request.preview:
                outputs = resource.preview_update(live.outputs, reveal(news))
            else:
                outputs = resource.update(live, reveal(news), self._logger(request.urn))
            return provider_pb2.UpdateResponse(
                properties=to_struct(mark_secrets(outputs, *secrets))
            )

    def Delete(
        self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        with answering(context):
            live = Live(request.id, reveal(from_struct(request.properties)))
            self._resource(request.urn).delete(live)
            return empty_pb2.Empty()

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._plugin.cancel()
        return empty_pb2.Empty()

    def _resource(self, urn: str) -> Resource:
        token = urn.split("::")[2].split("$")[-1]
        if token not in self._resources:
            raise Failed(f"this stand-in has no resource type {token}")
        return self._resources[token]

    def _logger(self, urn: str) -> Log:
        return lambda line: self._say(urn, line)

    def _say(self, urn: str, line: str) -> None:
        self._log(
            engine_pb2.LogRequest(
                severity=engine_pb2.INFO, message=line, urn=urn, ephemeral=bool(urn)
            )
        )
