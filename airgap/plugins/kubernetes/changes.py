"""Check and Diff: the inputs in normal form, and what a change of them means."""

from __future__ import annotations

from dataclasses import dataclass

from airgap.plugins.kubernetes.cluster import Cluster
from airgap.plugins.kubernetes.differences import Change, Path, differences, within
from airgap.plugins.kubernetes.kinds import Kind, Object
from airgap.plugins.kubernetes.names import AUTONAMED, named
from airgap.plugins.kubernetes.normal import live_like, normal
from airgap.plugins.kubernetes.objects import (
    annotated,
    name_of,
    namespace_of,
    parse_checkpoint,
    part,
    says_true,
    with_metadata,
)
from airgap.plugins.kubernetes.replacing import matches, replacing
from airgap.plugins.resource import Failed
from airgap.plugins.values import Properties, reveal


@dataclass(frozen=True, kw_only=True)
class Differing:
    """A diff: its changes, those that replace, and whether the old object goes first."""

    changes: list[Change]
    replaces: list[Change]
    delete_first: bool


def check(
    cluster: Cluster, urn: str, olds: Properties, news: Properties, seed: bytes
) -> Properties:
    """The inputs in normal form, named and with a namespace; secret marks stay."""
    kind = Kind.of_token(token(urn))
    plain: Object = reveal(news)
    inputs = named(normal(plain), reveal(olds), urn.split("::", 3)[3], seed)
    if part(inputs, "metadata", "generateName") and not name_of(inputs):
        raise Failed(
            "the `.metadata.generateName` field is not supported in Server-Side Apply mode"
        )
    default = cluster.default_namespace
    if default and not namespace_of(inputs) and cluster.namespaced(kind):
        inputs = with_metadata(inputs, namespace=default)
    checked: Properties = annotated(inputs, news)
    return checked


def diff(cluster: Cluster, olds: Properties, news: Properties, ignored: list[Path]) -> Differing:
    """New inputs against the live object, as far as the old inputs spoke of it.

    Values come without secret marks.
    """
    old_inputs, live = parse_checkpoint(olds)
    new = normal(news)
    old = live_like(live, normal(old_inputs))
    kind = Kind.of(new)
    spaces = cluster.namespaced(kind)
    old = with_metadata(old, namespace=(namespace_of(old) or "default") if spaces else None)
    new = with_metadata(new, namespace=(namespace_of(new) or "default") if spaces else None)
    if name_of(new):
        old = with_metadata(old, name=name_of(live))
    found = [
        change
        for change in differences({"apiVersion": new["apiVersion"], "kind": kind.kind} | old, new)
        if not any(within(change.path, path) for path in ignored)
    ]
    patterns = replacing(new, cluster.settings)
    replaces = [
        change
        for change in found
        if any(matches(change.path, change.value, pattern) for pattern in patterns)
    ]
    same_name = (name_of(new), namespace_of(new)) == (name_of(live), namespace_of(live))
    return Differing(
        changes=found,
        replaces=replaces,
        delete_first=bool(replaces) and same_name and not says_true(new, AUTONAMED),
    )


def token(urn: str) -> str:
    """The resource's own type, without those of the components around it."""
    return urn.split("::")[2].split("$")[-1]
