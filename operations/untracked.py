"""The containers and networks of a stack that its state does not contain.

An update that was killed, or whose plugin was killed, leaves them behind. They keep their names, so
that the next update cannot create them, and the networks in use, so that a removal cannot end. They
have no data of their own: volumes stay, and the next update finds them by their names.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import click

from operations import docker_stack, steps
from operations.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Existing:
    """The names of a stack's containers and networks on its engine, by their ids."""

    containers: Mapping[str, str]
    networks: Mapping[str, str]


def existing(workspace: Workspace) -> Existing:
    """What the engine has. Ask it before the state is read: whatever another update creates in
    between is then in the state, and not here."""
    return Existing(
        containers=docker_stack.names("container", workspace.name),
        networks=docker_stack.names("network", workspace.name),
    )


def remove(workspace: Workspace, existing: Existing, tracked: Collection[str]) -> None:
    """Remove the containers and networks that are not among the state's ids.

    Raises ClickException where the state is that of a stack on another engine.
    """
    # An empty state is not the state of the containers that run here.
    if not tracked:
        return
    _expect_engine_of_state(workspace, existing, tracked)
    containers = _except(existing.containers, tracked)
    networks = _except(existing.networks, tracked)
    if not containers and not networks:
        return
    with steps.step("Remove what a killed update left, and the state does not contain") as report:
        if containers:
            docker_stack.docker("stop", *containers)
            docker_stack.docker("rm", "--volumes", *containers)
        if networks:
            docker_stack.docker("network", "rm", *networks)
        report(", ".join([*containers, *networks]))


def _expect_engine_of_state(
    workspace: Workspace, existing: Existing, tracked: Collection[str]
) -> None:
    """The ids of containers and networks prove it. Those of volumes are names, which two engines
    share."""
    if existing.containers and not {*existing.containers, *existing.networks} & {*tracked}:
        raise click.ClickException(
            f"this engine runs a stack {workspace.name}, but the current Pulumi state of "
            f"{workspace.stack} contains no container and no network of it. The engine has "
            f"{', '.join(sorted(existing.containers.values()))}. Nothing was changed. Use the "
            "engine that the state belongs to (docker.host, DOCKER_HOST or docker context), or the "
            "state that the containers belong to (PULUMI_BACKEND_URL). If nobody needs these "
            "containers, remove them by name."
        )


def _except(names: Mapping[str, str], ids: Collection[str]) -> list[str]:
    return sorted(name for id_, name in names.items() if id_ not in ids)
