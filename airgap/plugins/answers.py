"""Answers to the engine: differences, refusals and failures in the protocol's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import provider_pb2, status_pb2

from airgap.plugins.checks import Failure
from airgap.plugins.differences import Change
from airgap.plugins.resource import Failed, Incomplete, Resource
from airgap.plugins.values import Properties, mark_secrets, to_struct


@contextmanager
def answering(context: grpc.ServicerContext, *secrets: Properties) -> Iterator[None]:
    """Turn failures inside into the protocol's errors; `secrets` say what to encrypt."""
    try:
        yield
    except Failed as error:
        # a "well-understood" code: the engine does not suspect that something was made after all
        _abort(context, grpc.StatusCode.FAILED_PRECONDITION, str(error))
    except Incomplete as error:
        detail = provider_pb2.ErrorResourceInitFailed(
            id=error.live.id,
            properties=to_struct(mark_secrets(error.live.outputs, *secrets)),
            reasons=[str(error), *error.details],
            inputs=None if error.inputs is None else to_struct(error.inputs),
        )
        _abort(context, grpc.StatusCode.UNKNOWN, str(error), detail)


def failures(refused: Iterable[Failure]) -> list[provider_pb2.CheckFailure]:
    return [
        provider_pb2.CheckFailure(property=failure.path, reason=failure.reason)
        for failure in refused
    ]


def resource_diff(resource: Resource, changes: list[Change]) -> provider_pb2.DiffResponse:
    replaces = [change.name for change in changes if change.replaces]
    response = provider_pb2.DiffResponse(
        changes=_whether(changes), replaces=replaces, diffs=[change.name for change in changes]
    )
    if resource.detailed_diff:
        response.hasDetailedDiff = True
        response.deleteBeforeReplace = bool(replaces) and resource.table.delete_first
        response.stables.extend(
            sorted(
                field.name
                for field in resource.table.fields
                if field.replaces and field.name not in replaces
            )
        )
        for change in changes:
            kind = change.kind + ("_REPLACE" if change.replaces else "")
            response.detailedDiff[change.name].kind = provider_pb2.PropertyDiff.Kind.Value(kind)
    return response


def config_diff(olds: Properties, news: Properties) -> provider_pb2.DiffResponse:
    changed = sorted(name for name in olds.keys() | news.keys() if olds.get(name) != news.get(name))
    return provider_pb2.DiffResponse(changes=_whether(changed), diffs=changed)


def moved_inputs(inputs: Properties, before: Properties, now: Properties) -> Properties:
    """The inputs as a refresh leaves them: where the resource moved, they follow it."""
    return {
        name: now.get(name) if now.get(name) != before.get(name) else value
        for name, value in inputs.items()
    }


def _whether(changes: object) -> provider_pb2.DiffResponse.DiffChanges.ValueType:
    return provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE


def _abort(
    context: grpc.ServicerContext, code: grpc.StatusCode, text: str, *details: Message
) -> NoReturn:
    status = status_pb2.Status(code=code.value[0], message=text)
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, text)
    raise AssertionError("abort raises")
