"""The protocol's methods on Kubernetes objects, by their official names."""

from __future__ import annotations

import threading
from collections.abc import Callable

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, provider_pb2

from airgap.plugins.answers import answering
from airgap.plugins.checks import Failure
from airgap.plugins.install import VERSIONS
from airgap.plugins.kubernetes import identity, settings
from airgap.plugins.kubernetes.changes import Differing, check, diff, token
from airgap.plugins.kubernetes.cluster import Cluster
from airgap.plugins.kubernetes.differences import parse, written
from airgap.plugins.kubernetes.kinds import Kind
from airgap.plugins.kubernetes.life import Asked, Life
from airgap.plugins.resource import Failed, Live
from airgap.plugins.server import Plugin, Server
from airgap.plugins.values import Properties, from_struct, reveal, to_struct


class Kubernetes(Server):
    """Any kind of object: none has a table, the API server knows them all."""

    def __init__(
        self,
        log: Callable[[engine_pb2.LogRequest], object],
        connect: Callable[[settings.Settings], Cluster] = Cluster,
    ) -> None:
        self._cancelled = threading.Event()
        self._connect = connect
        self._configured: Life | None = None
        super().__init__(
            Plugin(
                name="kubernetes",
                version=VERSIONS["kubernetes"],
                config=settings.CONFIG,
                configure=self._configure,
                cancel=self._cancelled.set,
            ),
            log,
        )

    def refused(self, given: Properties) -> list[Failure]:
        return super().refused(given) + settings.refused(reveal(given))

    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        with answering(context):
            return identity.config_diff(from_struct(request.olds), from_struct(request.news))

    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        with answering(context):
            olds, news = from_struct(request.olds), from_struct(request.news)
            cluster = self._life.cluster
            inputs = check(cluster, request.urn, olds, news, request.randomSeed)
            return provider_pb2.CheckResponse(inputs=to_struct(inputs))

    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        with answering(context):
            olds, news = reveal(from_struct(request.olds)), reveal(from_struct(request.news))
            ignored = [parse(path) for path in request.ignoreChanges]
            return _answer(diff(self._life.cluster, olds, news, ignored))

    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        with answering(context):
            made = self._life.create(self._asked(request), from_struct(request.properties))
            return provider_pb2.CreateResponse(id=made.id, properties=to_struct(made.outputs))

    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        with answering(context):
            inputs, before = from_struct(request.inputs), from_struct(request.properties)
            if not before:  # an import: only the type and the id are known
                inputs = _known_from_id(request.urn, request.id) | inputs
            found = self._life.read(Live(request.id, before), inputs)
            if found is None:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(
                id=found.live.id,
                properties=to_struct(found.live.outputs),
                inputs=to_struct(found.inputs),
            )

    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        with answering(context):
            olds, news = from_struct(request.olds), from_struct(request.news)
            ignored = [parse(path) for path in request.ignoreChanges]
            outputs = self._life.update(self._asked(request), olds, news, ignored)
            return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    def Delete(
        self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        with answering(context):
            asked = Asked(urn=request.urn, log=self.logger(request.urn), timeout=request.timeout)
            self._life.delete(asked, from_struct(request.properties))
            return empty_pb2.Empty()

    def _configure(self, given: Properties) -> None:
        self._configured = Life(self._connect(settings.read(given)), self._cancelled)

    @property
    def _life(self) -> Life:
        if self._configured is None:
            raise Failed("the provider is not configured")
        return self._configured

    def _asked(self, request: provider_pb2.CreateRequest | provider_pb2.UpdateRequest) -> Asked:
        return Asked(
            urn=request.urn,
            log=self.logger(request.urn),
            timeout=request.timeout,
            preview=request.preview,
        )


def _answer(found: Differing) -> provider_pb2.DiffResponse:
    changes = provider_pb2.DiffResponse
    response = changes(
        changes=changes.DIFF_SOME if found.changes else changes.DIFF_NONE,
        replaces=[written(change.path) for change in found.replaces],
        deleteBeforeReplace=found.delete_first,
        hasDetailedDiff=True,
    )
    for change in found.changes:
        kind = change.kind + ("_REPLACE" if change in found.replaces else "")
        detail = response.detailedDiff[written(change.path)]
        detail.kind = provider_pb2.PropertyDiff.Kind.Value(kind)
        detail.inputDiff = change.kind == "DELETE"
    return response


def _known_from_id(urn: str, identifier: str) -> Properties:
    kind = Kind.of_token(token(urn))
    namespace, _, name = identifier.rpartition("/")
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata}
