"""The containers and networks of a stack that its state does not contain.

An update that was killed, or whose plugin was killed, leaves them behind. They keep their names, so
that the next update cannot create them, and the networks in use, so that a removal cannot end. They
have no data of their own: volumes stay, and the next update finds them by their names.
"""

from collections.abc import Collection

from operations import docker_stack, steps


def remove(stack: str, tracked: Collection[str]) -> None:
    """Remove the stack's containers and networks that are not among the state's ids."""
    # An empty state is not the state of the containers that run here.
    if not tracked:
        return
    containers = docker_stack.containers_except(stack, tracked)
    networks = docker_stack.networks_except(stack, tracked)
    if not containers and not networks:
        return
    with steps.step("Remove what a killed update left, and the state does not contain") as report:
        if containers:
            docker_stack.docker("stop", *containers)
            docker_stack.docker("rm", "--volumes", *containers)
        if networks:
            docker_stack.docker("network", "rm", *networks)
        report(", ".join([*containers, *networks]))
