"""Secrets and texts that contain secrets. They are described by name; `Text.fill` gets the values.

Pods run this module too, beside in_pod/fill_secrets.py, so it imports only the standard library.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

SECRETS = "/run/secrets"

_PLACE = re.compile(r"\$\$\{|\$\{(?P<name>[a-z0-9.-]+)(?::(?P<form>[a-z0-9]+))?\}")
FORMS: Mapping[str, Callable[[str], str]] = {
    "url": lambda value: quote(value, safe=""),
    # Every JSON string is also a YAML string.
    "json": json.dumps,
    "sha256": lambda value: hashlib.sha256(value.encode()).hexdigest(),
}


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A secret: generated letters and digits, unless the settings contain its value.

    32 characters out of 62 have 190 bits of entropy. `keep` protects the secret from deletion, like
    the data that needs it.
    """

    name: str
    length: int = 32
    keep: bool = False
    value: str | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """The path of the secret in a container that mounts it as a file."""
        return f"{SECRETS}/{self.name}"

    @property
    def text(self) -> "Text":
        """A text that is only this secret."""
        return Text(name=self.name, template=f"${{{self.name}}}", secrets=(self,))


@dataclass(frozen=True, kw_only=True)
class Text:
    """Text in which `${name}` stands for a secret, `${name:url}`, `${name:json}` and
    `${name:sha256}` for encodings of it, and `$${` for a literal `${`. A text without secrets is
    its template, unchanged.

    `name`: the name under which a Secret of the cluster may hold the whole text.
    """

    template: str
    secrets: tuple[Secret, ...] = ()
    name: str | None = None

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with the values of its secrets; KeyError names a secret without a value."""
        if not self.secrets:
            return self.template

        def value(reference: re.Match[str]) -> str:
            if reference["name"] is None:
                return "${"
            form, secret = reference["form"], values[reference["name"]]
            return FORMS[form](secret) if form else secret

        return _PLACE.sub(value, self.template)


def literal(text: str) -> str:
    """The text as a part of a template with secrets."""
    return text.replace("${", "$${")
