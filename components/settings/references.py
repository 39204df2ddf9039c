"""References in the values of variables and files.

`${database.url}` stands for a value of the platform, `${database.password:url}` for one that is
encoded for a URL, and `$${` for a literal `${`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.settings.problems import Problem, nearest
from components.text import FORMS

if TYPE_CHECKING:
    from components.settings.http_service import HttpService
    from components.settings.stack import Settings

# An opening brace without a closing one on its line is a reference without a name.
_REFERENCE = re.compile(r"(?P<literal>\$\$\{)|\$\{(?:(?P<name>[^}\n]*)\})?")

URL = "url"
DATABASE = tuple(
    f"database.{key}" for key in (URL, "host", "port", "name", "user", "password", "connections")
)
CACHE = tuple(f"cache.{key}" for key in (URL, "host", "port", "user", "password"))
API_TOKEN = "api-token"
SECRET, SERVICE = "secret.", "service."
SERVICE_KEYS = (URL, "host", "port")
# These contain a secret beside other text, so that an encoding of the whole has no use.
COMPOSED = ("database.url", "cache.url")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A value of the platform by its name, and the encoding that the user asks for."""

    name: str
    form: str | None = None

    def __str__(self) -> str:
        return f"${{{self.name}{f':{self.form}' if self.form else ''}}}"

    @property
    def service(self) -> str | None:
        """The service that the reference names."""
        if not self.name.startswith(SERVICE):
            return None
        return self.name.removeprefix(SERVICE).rpartition(".")[0]


def pieces(value: str) -> Iterator[str | Reference]:
    """The literal texts of a value and its references, in their order."""
    position = 0
    for match in _REFERENCE.finditer(value):
        if match.start() > position:
            yield value[position : match.start()]
        if match["literal"]:
            yield "${"
        else:
            name, _, form = (match["name"] or "").partition(":")
            yield Reference(name=name, form=form or None)
        position = match.end()
    if position < len(value):
        yield value[position:]


def references(service: "HttpService") -> Iterator[Reference]:
    """The references in all values of a service."""
    for value in service.values.values():
        yield from (piece for piece in pieces(value) if isinstance(piece, Reference))


def names(service: "HttpService") -> frozenset[str]:
    return frozenset(reference.name for reference in references(service))


def rules(
    path: str, service: "HttpService", settings: "Settings", database: bool | None
) -> Iterator[Problem]:
    """`path` is the dotted path of the service. `database`: the service has a database; None if it
    cannot have one."""
    known = _known(settings, bool(database))
    for key, value in service.values.items():
        for piece in pieces(value):
            if isinstance(piece, Reference):
                yield from _reference(f"{path}.{key}", path, piece, known, database is not None)


def _known(settings: "Settings", database: bool) -> list[str]:
    """The names that a service may refer to."""
    existing = (name for name in settings.kubernetes.secrets if name.startswith(SECRET))
    return [
        *(DATABASE if database else ()),
        *CACHE,
        API_TOKEN,
        *dict.fromkeys((*(f"{SECRET}{name}" for name in settings.secrets), *existing)),
        *(f"{SERVICE}{name}.{key}" for name in settings.api.services for key in SERVICE_KEYS),
    ]


def _reference(
    key: str, path: str, reference: Reference, known: list[str], may_have_database: bool
) -> Iterator[Problem]:
    name = reference.name
    if name in DATABASE and name not in known and may_have_database:
        yield Problem(
            path=key,
            found=str(reference),
            allowed=f"{path}.database, which gives the service a database: `{{}}` for one of its "
            "own, or `{shared: application}` for the platform's",
        )
    elif name not in known:
        yield Problem(
            path=key,
            found=str(reference),
            allowed=f"{', '.join(known)}; `$${{` stands for a literal `${{`",
            nearest=nearest(name, known),
        )
    elif reference.form and reference.form not in FORMS:
        yield Problem(
            path=key,
            found=str(reference),
            allowed=f"one of the encodings {', '.join(FORMS)}",
            nearest=nearest(reference.form, FORMS),
        )
    elif reference.form and name in COMPOSED:
        yield Problem(
            path=key,
            found=str(reference),
            allowed=f"{name} without an encoding: it is a URL, whose parts are encoded already",
        )
