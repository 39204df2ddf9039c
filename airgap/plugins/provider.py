"""The server of the stand-ins whose resource types are tables: requests become calls of `Resource`.

Failures become what the engine expects of the protocol.
"""

from __future__ import annotations

from collections.abc import Callable

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, provider_pb2

from airgap.plugins.answers import answering, failures, moved_inputs, resource_diff
from airgap.plugins.resource import Failed, Live, Resource
from airgap.plugins.server import Plugin, Server
from airgap.plugins.values import from_struct, mark_secrets, reveal, to_struct


class Provider(Server):
    """The protocol's methods on resources, by their official names."""

    def __init__(
        self,
        plugin: Plugin,
        resources: tuple[Resource, ...],
        log: Callable[[engine_pb2.LogRequest], object],
    ) -> None:
        super().__init__(plugin, log)
        self._resources = {resource.table.token: resource for resource in resources}
        self.tokens = tuple(self._resources)

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
            live = resource.create(reveal(inputs), self.logger(request.urn))
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
                outputs = resource.update(live, reveal(news), self.logger(request.urn))
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

    def _resource(self, urn: str) -> Resource:
        token = urn.split("::")[2].split("$")[-1]
        if token not in self._resources:
            raise Failed(f"this stand-in has no resource type {token}")
        return self._resources[token]
