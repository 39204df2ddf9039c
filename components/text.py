"""Secrets, and text with secrets in it: names and shapes here, never values.

This module also runs in pods, beside in_pod/fill_secrets.py: it imports the standard library only.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

SECRETS = "/run/secrets"

_PLACE = re.compile(r"\$\{(?P<name>[a-z0-9-]+)(?::(?P<form>[a-z0-9]+))?\}")
_FORMS: Mapping[str, Callable[[str], str]] = {
    "url": lambda value: quote(value, safe=""),
    # A JSON string is a YAML string too, whatever stands in it.
    "json": json.dumps,
    "sha256": lambda value: hashlib.sha256(value.encode()).hexdigest(),
}


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A secret by name: generated letters and digits, unless the settings give its value.

    32 of 62 characters are 190 bits. `keep` protects it together with the data that needs it.
    """

    name: str
    length: int = 32
    keep: bool = False
    value: str | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """Where a container finds it, when it is handed the secret as a file."""
        return f"{SECRETS}/{self.name}"

    @property
    def text(self) -> "Text":
        """The secret and nothing else."""
        return Text(name=self.name, template=f"${{{self.name}}}", secrets=(self,))


@dataclass(frozen=True, kw_only=True)
class Text:
    """Text in which `${name}` stands for a secret, and `${name:url}`, `${name:json}` and
    `${name:sha256}` for forms of it. Without secrets the template is taken as it is.

    `name`: what the whole of it is called, where somebody may have it already.
    """

    template: str
    secrets: tuple[Secret, ...] = ()
    name: str | None = None

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with the values of its secrets; KeyError names one without a value."""
        if not self.secrets:
            return self.template

        def value(reference: re.Match[str]) -> str:
            form, secret = reference["form"], values[reference["name"]]
            return _FORMS[form](secret) if form else secret

        return _PLACE.sub(value, self.template)
