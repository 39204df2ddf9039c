"""A server whose volume, or what runs on it, is gone: only `pulumi up` creates it again."""

from collections.abc import Iterator

from components.derived_names import try_name
from operations import kubernetes_stack, steps
from operations.restore.live import SERVER, LiveStack


def is_lost(live: LiveStack) -> bool:
    """Whether the server lacks its volume or what runs on it."""
    (volume,) = live.described.volumes
    return not live.workloads.has(SERVER, volume.stored_as, live.step.name)


def create_again(live: LiveStack) -> None:
    """Create the server's volume and what runs on it, with the step that clones what was
    recovered. Nothing else is changed: what writes stays stopped."""
    settings, workspace = live.settings, live.workspace
    if settings.target == "kubernetes":
        kubernetes_stack.expect_own_plugin(settings, workspace)
    workspace.prepare()
    names = set(_names(live))
    urns = [urn for urn in workspace.resources() if urn.rpartition("::")[2] in names]
    workspace.pulumi(
        *("up", *steps.NON_INTERACTIVE, "--refresh", "--run-program"),
        *(f"--target={urn}" for urn in urns),
        *("--stack", workspace.stack),
        quiet=True,
    )


def _names(live: LiveStack) -> Iterator[str]:
    """The names in the state of what the server consists of, on both targets."""
    for container in live.described.containers():
        yield container.name
    for number in range(1, live.step.retries + 2):
        yield try_name(live.step.name, number)
    for volume in live.described.volumes:
        yield volume.stored_as
        yield f"volume-{volume.stored_as}"
