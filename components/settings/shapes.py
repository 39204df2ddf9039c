"""The shapes of single values, and the words for them in errors."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import core_schema

from components.settings.paths import normal
from components.settings.quantities import whole

# The names that every version of Kubernetes accepts; Docker accepts more.
_VARIABLE = re.compile(r"(?!\.\.)(?!\.\Z)[-._a-zA-Z][-._a-zA-Z0-9]*")
# The key of a Secret has at most 253 characters, and some characters of a path become two in it.
LONGEST_FILE = 120
# A century, in hours. Prometheus counts a retention in nanoseconds, and does not start with more
# than 292 years of them.
_LONGEST_RETENTION = 100 * 365 * 24
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24}
# The greatest number of a user or a group, on both targets.
LAST_ID = 2**31 - 1
# A password in a URL, unless it is a reference to another variable.
_PASSWORD = re.compile(r"://[^/\s?#,\"'@:]*:(?!\$?\$\{)[^/\s?#,\"'@]+@")
_HOST_AND_PORT = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?"
_PART = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"({_HOST_AND_PORT}/)?{_PART}(/{_PART})*"
    r"(:(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?P<digest>@sha256:[0-9a-f]{64})?"
)


@dataclass(frozen=True)
class Shape:
    """Text that matches a pattern. Editors get the pattern; error messages get the words."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}

    def _check(self, value: str) -> str:
        # `\Z`, because Python's `$` also matches before a trailing newline.
        if not re.search(re.sub(r"\$$", r"\\Z", self.pattern), value):
            raise ValueError(self.words)
        return value


def _fixed_reference(value: str) -> str:
    match = _REFERENCE.fullmatch(value)
    if not match or not (match["tag"] or match["digest"]) or match["tag"] == "latest":
        raise ValueError("an image with a fixed tag or digest, such as `example/app:1.4.2`")
    return value


def _unprivileged(value: str) -> str:
    """GID 0 has no privileges: images that run as any user belong to that group, Grafana's among
    them, and Kubernetes' `restricted` profile checks the UID only."""
    match = re.fullmatch(r"([1-9]\d{0,9}):(\d{1,10})", value)
    if not match or max(map(int, match.groups())) > LAST_ID:
        raise ValueError("a numeric `uid:gid` such as `10001:10001`; UID 0 (root) is rejected")
    return value


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        raise ValueError(
            "a variable's name: letters, digits, dashes, underscores and dots, without a digit at "
            "the start"
        )
    return value


def _text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _plain(value: str) -> str:
    if _PASSWORD.search(value):
        raise ValueError(
            "no `user:password@` in a URL: use a reference, such as `${database.password:url}` or "
            "`${secret.NAME:url}`"
        )
    return value


def _at_most_a_century(value: str) -> str:
    if int(value[:-1]) * _HOURS[value[-1]] > _LONGEST_RETENTION:
        raise ValueError("at most `100y`: Prometheus does not start with `300y`")
    return value


def _file_path(value: str) -> str:
    plain = re.fullmatch(r"(/[A-Za-z0-9._-]+)+", value) and normal(value) == value
    if not plain or len(value) > LONGEST_FILE:
        raise ValueError(
            f"an absolute path of at most {LONGEST_FILE} characters without `.`, `..` or a "
            "trailing slash"
        )
    return value


# An amount without a zero before it, and optionally with a decimal point.
_AMOUNT = r"^([1-9]\d{0,5}|0(?=\.))(\.\d{1,3})?"
Memory = Annotated[
    str,
    Shape(rf"{_AMOUNT}(Mi|Gi)$", "a size such as `512Mi` or `1.5Gi`"),
    AfterValidator(whole),
]
Size = Annotated[
    str, Shape(rf"{_AMOUNT}(Mi|Gi|Ti)$", "a size such as `10Gi` or `1.5Ti`"), AfterValidator(whole)
]
Retention = Annotated[
    str,
    Shape(
        r"^[1-9]\d{0,5}[hdwy]$",
        "a number of hours, days, weeks or years, such as `200h` or `30d`",
    ),
    AfterValidator(_at_most_a_century),
]
# The kernel grants no less than a hundredth of a core.
Cpu = Annotated[float, Field(ge=0.01, le=64)]
Seconds = Annotated[int, Field(ge=1, le=3600)]
Repository = Annotated[
    str,
    Shape(
        rf"^{_HOST_AND_PORT}(/{_PART})*$",
        "a host with an optional port and path and without a scheme, such as `example.com/mirror`",
    ),
]
Pem = Annotated[str, Shape(r"^-----BEGIN CERTIFICATE-----\n", "PEM text")]
Path = Annotated[str, Shape(r"^/[A-Za-z0-9._/-]*$", "a path such as `/app/data`")]
Reference = Annotated[str, AfterValidator(_fixed_reference)]
User = Annotated[str, AfterValidator(_unprivileged)]
# `pulumi config set` turns text that looks like a number or a boolean into one.
Plain = Annotated[str, BeforeValidator(_text), AfterValidator(_plain)]
Variable = Annotated[str, AfterValidator(_variable)]
FilePath = Annotated[str, AfterValidator(_file_path)]
SecretName = Annotated[
    str,
    Shape(
        r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        "a name of lower-case letters, digits and dashes, such as `model-key`",
    ),
]


def none_written_out(value: Any) -> Any:
    """`none` is written out, so that nothing is left out by mistake, as it is with an empty key."""
    if value is None:
        return {}
    return None if value == "none" else value
