"""What the state of a stack protects: its data, and the secrets that the data needs.

Pulumi refuses to remove it. `destroy --ignore-protect` removes it without unprotecting it first,
so that a removal that is killed leaves the rest protected.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from operations.plan.previews import PreviewError, deployed
from operations.workspace import Workspace

IGNORE_PROTECT = "--ignore-protect"
# The first version of Pulumi that knows the option.
LEAST = (3, 256, 0)
_ENGINE_VOLUME = "docker:index/volume:Volume"
_DATABASES = r"postgres(-\d+)?"
_SECRET = "random:index/randomPassword:RandomPassword"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A protected volume, or anything else with data, or a secret.

    `name` is its name on the target, and `short` the one that it has in every stack. A secret has
    one name.
    """

    urn: str
    name: str
    short: str
    is_secret: bool

    @property
    def kind(self) -> str:
        return "secret" if self.is_secret else "volume"

    @property
    def has_databases(self) -> bool:
        """Whether it is the volume of a PostgreSQL server, of the present or a former version."""
        return not self.is_secret and re.fullmatch(_DATABASES, self.short) is not None

    def __str__(self) -> str:
        return f"the {self.kind} {self.name}"


def kept(workspace: Workspace) -> list[Kept]:
    """What the stack's state protects, the data before the secrets."""
    protected = (
        _kept(urn, resource)
        for urn, resource in workspace.resources().items()
        if resource.get("protect")
    )
    return sorted(protected, key=lambda item: (item.is_secret, item.name))


def no_longer_named(workspace: Workspace) -> list[Kept]:
    """What the state protects and the stack file no longer has. Raises PreviewError."""
    preview = deployed(workspace, IGNORE_PROTECT)
    return [item for item in kept(workspace) if preview.steps.get(item.urn) == "removed"]


def refused(workspace: Workspace, error: PreviewError) -> Iterator[str]:
    """What a user reads where a preview fails, line by line."""
    if items := _refused_items(workspace, error):
        stack = workspace.stack
        yield (
            f"The stack file of {stack} no longer has {', '.join(map(str, items))}. An update does "
            "not remove data and its secrets. Nothing was changed. Put back what needs them, or "
            "give them up for good, each by its name:"
        )
        for item in items:
            yield f"  make drop-{item.kind} STACK={stack} {item.kind.upper()}={item.name}"
    else:
        yield f"{error}\nThe preview failed, and nothing was changed."


def expect_pulumi(workspace: Workspace) -> None:
    """Raise ClickException where this machine's Pulumi lacks the option."""
    text = workspace.pulumi("version", quiet=True).stdout
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    if numbers and tuple(map(int, numbers.groups())) < LEAST:
        raise click.ClickException(
            f"the removal of protected data needs Pulumi {'.'.join(map(str, LEAST))} or newer, and "
            f"this machine has {numbers[0]}. Nothing was changed."
        )


def _refused_items(workspace: Workspace, error: PreviewError) -> list[Kept]:
    """What was not removed because it is protected. Empty where that is not the only reason, and
    where Pulumi is too old to say."""
    if "protect" not in str(error):
        return []
    try:
        return no_longer_named(workspace)
    except PreviewError:
        return []


def _kept(urn: str, resource: Mapping[str, Any]) -> Kept:
    inputs = resource.get("inputs") or {}
    kind, _, short = urn.split("::", 2)[2].partition("::")
    if kind.endswith(_ENGINE_VOLUME):
        short = short.removeprefix("volume-")
    return Kept(
        urn=urn,
        name=inputs.get("name") or (inputs.get("metadata") or {}).get("name") or short,
        short=short,
        is_secret=kind.endswith(_SECRET),
    )
