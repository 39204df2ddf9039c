"""Checks before any change: the cluster, the plugin, the sizes of claims, and names of secrets."""

import os
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

import pulumi

from components.addresses import host_name
from components.container import Container, Step
from components.operated import PostgresCluster
from components.settings import (
    COMPILED,
    MACHINE_FILE,
    ExistingSecret,
    Kubernetes,
    Plugins,
    Problem,
    SettingsError,
    nearest,
)
from components.stack_name import name_in_commands
from components.targets.kubernetes import try_out
from components.targets.kubernetes.cluster import ReachableCluster, current_context, find
from components.targets.kubernetes.last_deployment import LastDeployment
from components.tier import Description
from components.volumes import Volume
from components.workload import Part

# The units of sizes in the Kubernetes API.
UNITS: dict[str, Decimal | int] = {"": 1, "m": Decimal("0.001")}
UNITS |= {unit: 1000**n for n, unit in enumerate("kMGTPE", 1)}
UNITS |= {f"{unit}i": 1024**n for n, unit in enumerate("KMGTPE", 1)}

IN_CLUSTER = "in-cluster"
"""The name for the cluster of a pod that runs `up`, where there is no context."""
CONFIRMED = "AI_PLATFORM_CONFIRMED_CLUSTER"
"""The variable with the identity of the cluster that the user agreed to change."""


def cluster(settings: Kubernetes, last: LastDeployment) -> ReachableCluster | None:
    """The cluster that `up` changes; None in a preview, which connects to no cluster.

    Raises RunError if the stack was deployed to another cluster, unless the settings name this one,
    and if the current context is that of another stack, or has changed since the user agreed.
    """
    if pulumi.runtime.is_dry_run():
        return None
    expected = settings.cluster or last.cluster
    actual = find(settings.context, settings.cluster)
    if settings.context is None:
        context, stack = current_context() or IN_CLUSTER, name_in_commands()
        try_out.refuse(context, actual.server, stack, name=pulumi.get_stack())
    confirmed = os.environ.get(CONFIRMED)
    if confirmed and actual.uid != confirmed:
        raise pulumi.RunError(
            f"make up asked about the cluster {confirmed}, but the context now leads to "
            f"{actual.uid} at {actual.server}. Nothing was changed. Run make up again."
        )
    if expected and actual.uid != expected:
        raise pulumi.RunError(
            f"the stack runs on the cluster {expected}, but the context leads to {actual.uid} at "
            f"{actual.server}. Nothing was changed. Use the context of the stack's cluster; or, to "
            f"move the stack, set kubernetes.cluster to {actual.uid} (docs/kubernetes.md)."
        )
    return actual


def plugin(plugins: Plugins, context: str | None) -> None:
    """Raises RunError if a compiled plugin would change a cluster whose context is not allowed.

    A preview changes nothing, so it is always allowed.
    """
    version = plugins.kubernetes or ""
    if pulumi.runtime.is_dry_run() or not version.endswith(COMPILED):
        return
    name = context or current_context() or IN_CLUSTER
    if name not in plugins.contexts:
        raise pulumi.RunError(
            f"this machine compiled the Kubernetes plugin {version}, which may change only the "
            f"clusters of these contexts: {', '.join(plugins.contexts) or 'none'}. The stack's "
            f"context is {name}. Nothing was changed. To use the plugin for that context too, add "
            f"{name} to plugins.contexts in {os.environ.get(MACHINE_FILE, 'the stack file')}."
        )


def namespace(settings: Kubernetes, last: LastDeployment) -> None:
    """Raises RunError if the update would remove the stack's namespace, and its data with it."""
    if not settings.create_namespace and last.created_namespace:
        raise pulumi.RunError(
            f"the stack created the namespace {last.created_namespace}, and with "
            "kubernetes.create_namespace: false it would remove it, with all data. Nothing was "
            "changed. Set kubernetes.create_namespace to true."
        )


def claims(volumes: Iterable[Volume], last: LastDeployment) -> None:
    """Raises RunError with every claim that would shrink: no storage can shrink without losing
    data."""
    shrunk = [
        f"{volume.name}: {volume.size} is less than the {before} that the claim "
        f"{host_name(volume.stored_as)} has"
        for volume in volumes
        if (before := last.claims.get(host_name(volume.stored_as)))
        and _bytes(volume.size) < _bytes(before)
    ]
    if shrunk:
        raise pulumi.RunError(
            "a claim can grow but not shrink; nothing was changed. Set each `size` to at least the "
            "present one:\n" + "\n".join(shrunk)
        )


def recoveries(parts: Iterable[Description], last: LastDeployment) -> None:
    """Raises RunError with a PostgreSQL cluster that exists, and that the settings would start from
    another backup. The operator would go on with its data, as if it were the backup's."""
    for part in parts:
        if not isinstance(part, PostgresCluster) or part.archive is None:
            continue
        name, recovery = host_name(part.name), part.archive.recovery
        if recovery and last.recoveries.get(name, recovery) != recovery:
            raise pulumi.RunError(
                f"the cluster {name} exists, and CloudNativePG starts only a new one from a "
                "backup. Nothing was changed. Remove data.backup.operator.recover; or, to replace "
                "the cluster by the backup, follow docs/modes.md."
            )


def secrets(names: frozenset[str], existing: Mapping[str, ExistingSecret]) -> None:
    """Raises RunError with every key of `kubernetes.secrets` that is not a secret of this stack."""
    problems = [
        Problem(
            path=f"kubernetes.secrets.{name}",
            found="a secret that this stack does not have",
            allowed=", ".join(sorted(names)),
            nearest=nearest(name, names),
        )
        for name in existing
        if name not in names
    ]
    if problems:
        raise pulumi.RunError(str(SettingsError(problems)))


def variables(parts: Iterable[Description], existing: Mapping[str, ExistingSecret]) -> None:
    """Raises RunError with every variable that combines a Secret of the cluster with other text.

    The pod fills such texts into files. A variable can only be a Secret's value as it is.
    """
    problems = [
        Problem(
            path=f"{_setting(container, part)}.env.{name}",
            found="a value that only the pod can compose, because the cluster has "
            + ", ".join(f"kubernetes.secrets.{secret}" for secret in found),
            allowed="the same value in `files`, and its path in the variable",
        )
        for part in parts
        if isinstance(part, Part)
        for container in part.all_containers()
        for name, text in container.secret_env.items()
        if text.name not in existing
        and (found := [secret.name for secret in text.secrets if secret.name in existing])
    ]
    if problems:
        raise pulumi.RunError(str(SettingsError(problems)))


def _setting(container: Container, part: Part) -> str | None:
    """The setting that the container's variables are below."""
    return container.asked_by if isinstance(container, Step) else part.named_by


def _bytes(size: str) -> Decimal:
    """The number of bytes of any quantity. A claim that was resized by hand may use any unit."""
    unit = size.lstrip("0123456789.")
    if re.fullmatch(r"[eE]\d+", unit):
        return Decimal(size)
    return Decimal(size.removesuffix(unit)) * UNITS[unit]
