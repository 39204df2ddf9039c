"""Places at the gateway: a host and a path, as the key of a route names them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from components.settings.addresses import host_shape

# The gateway answers here itself, on every host.
OWN = "/.gateway"

PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")
_WORDS = (
    "a path such as `/reports/`, a host with a dot such as `reports.example.com`, or a host with "
    "a path"
)


@dataclass(frozen=True, order=True, kw_only=True)
class Place:
    """Where a route begins. `host` is empty for every host that no other route names.

    A path that ends with a slash stands for all below it, any other path also for itself.
    """

    host: str
    path: str

    def __str__(self) -> str:
        return f"{self.host}{self.path}"

    @property
    def folder(self) -> str:
        """The path without the slash at its end."""
        return self.path.rstrip("/")


def place(key: str) -> Place:
    """The place that a route's key names; ValueError says what a key is."""
    host, slash, path = key.partition("/")
    path = f"/{path}" if slash else "/"
    if not PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
        raise ValueError(f"{_WORDS}: letters, digits, `.`, `_`, `~` and `-` between single slashes")
    if host and "." not in host:
        raise ValueError(_WORDS)
    if host:
        host_shape(host)
    return Place(host=host, path=path)


def _key(key: str) -> str:
    place(key)
    return key


RouteKey = Annotated[str, AfterValidator(_key)]


def owner(routes: Iterable[str], here: Place) -> str | None:
    """The key of the route that answers at a place: the longest path above it, on its host.

    None if the gateway itself answers there.
    """
    if f"{here.path}/".startswith(f"{OWN}/"):
        return None
    places = {key: place(key) for key in routes}
    above = [
        key
        for key, at in places.items()
        if at.host == here.host and f"{here.path}/".startswith(f"{at.folder}/")
    ]
    return max(above, key=lambda key: len(places[key].folder), default=None)
