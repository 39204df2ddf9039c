"""An object's life in the cluster as the engine asks for it: create, read, update, delete.

Inputs come as the engine sends them, with secret marks; outputs have marks where the inputs do.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from airgap.plugins.kubernetes import managed, waits
from airgap.plugins.kubernetes.cluster import UNREACHABLE, Cluster
from airgap.plugins.kubernetes.differences import Path
from airgap.plugins.kubernetes.kinds import Kind, Object
from airgap.plugins.kubernetes.names import field_manager
from airgap.plugins.kubernetes.normal import live_like, normal
from airgap.plugins.kubernetes.objects import (
    FIELD_MANAGER,
    annotated,
    checkpoint,
    identity,
    name_of,
    parse_checkpoint,
    with_metadata,
)
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.refused import Refused, explained
from airgap.plugins.resource import Failed, Incomplete, Live, Log
from airgap.plugins.values import Properties, has_unknown, reveal

FORGET: Final = (
    "If the cluster was deleted, remove this resource from the state by rerunning the operation "
    "with the variable PULUMI_K8S_DELETE_UNREACHABLE set to true"
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request of the engine: for which resource, for how long, and only to look ahead."""

    urn: str
    log: Log
    timeout: float = 0
    preview: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a refresh found."""

    live: Live
    inputs: Properties


class Life:
    """All objects of one provider."""

    def __init__(self, cluster: Cluster, cancelled: threading.Event) -> None:
        self.cluster = cluster
        self.objects = Objects(cluster, self._pause)
        self._cancelled = cancelled

    def create(self, asked: Asked, marked: Properties) -> Live:
        inputs: Object = reveal(marked)
        if asked.preview and not self._can_preview(inputs):
            return Live("", marked)
        manager = field_manager(inputs, {})
        try:
            with explained(f'resource "{asked.urn}" was not created'):
                made = self.objects.create(inputs, asked.log, preview=asked.preview)
        except Refused as refused:
            if asked.preview and refused.unforeseeable:
                return Live("", marked)
            raise
        if asked.preview:
            return Live("", _previewed(checkpoint(inputs, made, marked, manager)))
        try:
            live = self._until_ready(asked, made, inputs)
        except waits.NotReady as error:
            raise Incomplete(
                Live(identity(made), checkpoint(inputs, error.live, marked, manager)),
                f'resource "{asked.urn}" was successfully created, but the Kubernetes API server '
                f"reported that it failed to fully initialize or become live: {error}",
                error.details,
            ) from error
        return Live(identity(live), checkpoint(inputs, live, marked, manager))

    def read(self, live: Live, marked: Properties) -> Found | None:
        """What is there now, or None; without a state, what an import takes over.

        Raises Incomplete where the object is there but not ready.
        """
        if self.cluster.unreachable:
            if self.cluster.settings.delete_unreachable:
                return None
            raise Failed(f"{UNREACHABLE}: {self.cluster.unreachable}. {FORGET}")
        state: Properties = reveal(live.outputs)
        old_inputs: Object = normal(reveal(marked))
        _, old = parse_checkpoint(state)
        with explained("reading the resource failed"):
            now = self.objects.find(with_metadata(old or old_inputs, name=live.id.split("/")[-1]))
        if now is None:
            return None
        inputs = live_like(now, old_inputs) if old else _imported(now)
        manager = field_manager(inputs, state)
        found = Found(
            live=Live(live.id, checkpoint(inputs, now, marked, manager)),
            inputs=annotated(inputs, marked),
        )
        check = waits.read_check(self.objects, inputs)
        if old and not waits.seen(check, now).ready:
            raise Incomplete(
                found.live,
                f"Resource '{name_of(now)}' was created but failed to initialize",
                tuple(waits.why(check, now)),
                found.inputs,
            )
        return found

    def update(
        self, asked: Asked, olds: Properties, marked: Properties, ignored: list[Path]
    ) -> Properties:
        inputs: Object = normal(reveal(marked))
        if asked.preview and not self._can_preview(inputs):
            return marked
        state: Properties = reveal(olds)
        _, old = parse_checkpoint(state)
        manager = field_manager(inputs, state)
        what = f'update of resource "{asked.urn}" failed'
        with explained(what):
            live = self.objects.get(with_metadata(inputs, name=name_of(old)))
        sent = managed.without_ignored(inputs, live, manager, ignored)
        try:
            with explained(what):
                applied = self.objects.apply(sent, live, manager, preview=asked.preview)
        except Refused as refused:
            if asked.preview and refused.code == 403:
                return marked
            if asked.preview:
                raise
            raise Incomplete(
                Live(identity(live), checkpoint(inputs, live, marked, manager)), str(refused)
            ) from refused
        if asked.preview:
            return _previewed(checkpoint(inputs, applied, marked, manager))
        try:
            live = self._until_ready(asked, applied, inputs)
        except waits.NotReady as error:
            raise Incomplete(
                Live(identity(applied), checkpoint(inputs, error.live, marked, manager)),
                f'the Kubernetes API server reported that "{identity(applied)}" failed to fully '
                f"initialize or become live: {error}",
                error.details,
            ) from error
        former = state.get(FIELD_MANAGER)
        if former and former != manager:
            with explained("giving up the former field manager failed"):
                self.objects.relinquish(live, former)
        return checkpoint(inputs, live, marked, manager)

    def delete(self, asked: Asked, olds: Properties) -> None:
        """Succeeds when there is nothing left, whoever removed it."""
        if self.cluster.unreachable:
            if self.cluster.settings.delete_unreachable:
                return
            raise Failed(f"{UNREACHABLE}: {self.cluster.unreachable}. {FORGET}")
        state: Properties = reveal(olds)
        inputs, live = parse_checkpoint(state)
        with explained(f'deletion of resource "{asked.urn}" failed'):
            if not self.objects.delete(live, inputs) or not waits.awaits_deletion(inputs):
                return
        try:
            waits.until_gone(live, self.objects.find, self._wait(asked, inputs))
        except waits.NotReady as error:
            # not incomplete, as officially: that would leave an operation pending in the state
            raise Failed(str(error)) from error

    def _can_preview(self, inputs: Object) -> bool:
        return not has_unknown(inputs) and self.cluster.serves(Kind.of(inputs))

    def _until_ready(self, asked: Asked, live: Object, inputs: Object) -> Object:
        check = waits.ready_check(self.objects, inputs)
        return waits.until_ready(live, check, self.objects.find, self._wait(asked, inputs))

    def _wait(self, asked: Asked, inputs: Object) -> waits.Wait:
        limit = waits.seconds(inputs, asked.timeout)
        return waits.Wait(seconds=limit, log=asked.log, cancelled=self._cancelled)

    def _pause(self, seconds: float) -> None:
        if self._cancelled.wait(seconds):
            raise Failed("cancelled")


def _previewed(outputs: Properties) -> Properties:
    """A dry run says nothing of the status: it is not known yet."""
    return {name: value for name, value in outputs.items() if name != "status"}


def _imported(live: Object) -> Object:
    """What an import takes for the inputs: all that the server did not write by itself."""
    return {name: value for name, value in normal(live).items() if name != "status"}
