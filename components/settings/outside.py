"""The addresses of servers that the platform does not run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from components.settings.addresses import Cidr
from components.settings.base import Model
from components.settings.problems import Problem

if TYPE_CHECKING:
    from components.settings.stack import Settings


class OutsideAddresses(Model):
    """Base of the settings of every server outside the platform."""

    cidrs: Annotated[list[Cidr], Field(min_length=1)] | None = Field(
        None,
        description="The server's address ranges. Kubernetes requires them, and then lets no other "
        "address be reached. `0.0.0.0/0` stands for every public address; a private network is "
        "reached only if a range names it or a part of it. Docker does not filter by address.",
    )


def rules(settings: "Settings") -> Iterator[Problem]:
    """On Kubernetes a stack file names the addresses of every server outside the platform."""
    if settings.target != "kubernetes":
        return
    for path, server in _servers(settings, ()):
        if server.cidrs is None:
            yield Problem(
                path=f"{path}.cidrs",
                found="nothing",
                allowed="the server's address ranges, such as `[203.0.113.0/24]`; `[0.0.0.0/0]` "
                "for every public address",
            )


def _servers(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[str, OutsideAddresses]]:
    """Every server in the settings, by its dotted path."""
    if isinstance(value, OutsideAddresses):
        yield ".".join(keys), value
    if isinstance(value, Model):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    elif isinstance(value, Sequence) and not isinstance(value, str):
        value = dict(enumerate(value))
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _servers(inner, (*keys, str(key)))
